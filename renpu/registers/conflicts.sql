-- What a delivery says otherwise than the other valid lists of its street, of one person or of one dwelling.
-- in   registers_registerrow, registers_delivery
--      parameters: the delivery (three times), first and last code of the street
-- out  delivery, row, other delivery, other row, what differs, the area
with mine as (
    select r.*, d.source
    from registers_registerrow r join registers_delivery d on d.id = r.delivery_id
    where r.delivery_id = %s and r.refused = false
),
lists as (
    select id, source
    from registers_delivery
    where id <> %s and state = 'accepted' and destroyed_at is null and area_code between %s and %s
      and source <> (select source from registers_delivery where id = %s)
),
persons as (
    select m.delivery_id, m.id as row_id, o.delivery_id as other_delivery_id, o.id as other_row_id,
           coalesce(nullif(m.block_code, ''), m.area_code) as area_code,
           m.name_index is not null and o.name_index is not null and m.name_index <> o.name_index as name,
           m.sex is not null and o.sex is not null and m.sex <> o.sex as sex,
           m.birth <> '' and o.birth <> '' and substr(m.birth, 1, 7) <> substr(o.birth, 1, 7) as birth,
           m.block_code <> '' and o.block_code <> '' and m.block_code <> o.block_code as lives
    from mine m
    join registers_registerrow o on o.id_index = m.id_index and o.refused = false
    join lists on lists.id = o.delivery_id
    where m.id_index is not null
),
vacant as (
    select m.delivery_id, m.id as row_id, o.delivery_id as other_delivery_id, o.id as other_row_id,
           m.block_code as area_code
    from mine m
    join registers_registerrow o on o.unit_id = m.unit_id and o.refused = false
    join lists on lists.id = o.delivery_id
    where m.unit_id is not null
      and ((m.use = '空置' and o.name_index is not null and o.use = '' and lists.source in ({persons}))
        or (o.use = '空置' and m.name_index is not null and m.use = '' and m.source in ({persons})))
),
heads as (
    select m.delivery_id, m.id as row_id, o.delivery_id as other_delivery_id, o.id as other_row_id,
           m.block_code as area_code
    from mine m
    join registers_registerrow o on o.unit_id = m.unit_id and o.refused = false
    join lists on lists.id = o.delivery_id
    where m.unit_id is not null and m.persons is not null and o.persons is not null and m.persons <> o.persons
)
select delivery_id, row_id, other_delivery_id, other_row_id, 'name', area_code from persons where name
union all
select delivery_id, row_id, other_delivery_id, other_row_id, 'sex', area_code from persons where sex
union all
select delivery_id, row_id, other_delivery_id, other_row_id, 'birth', area_code from persons where birth
union all
select delivery_id, row_id, other_delivery_id, other_row_id, 'lives', area_code from persons where lives
union all
select delivery_id, row_id, other_delivery_id, other_row_id, 'vacant', area_code from vacant
union all
select delivery_id, row_id, other_delivery_id, other_row_id, 'heads', area_code from heads
