-- Households, persons and rows of an area in the newest accepted police list of each committee.
-- in   registers_delivery, registers_deliveryarea, registers_registerrow
--      parameters: first and last code of the area, moment up to which a delivery was received
--      (of a list whose rows were destroyed, the totals kept with its areas)
-- out  households (distinct numbers), persons (rows after dropping those equal letter for letter), rows
with covering as (
    select a.area_code, a.delivery_id, a.rows as kept_rows, a.persons, a.households,
           row_number() over (partition by a.area_code order by d.received_at desc, d.decided_at desc, d.id desc) as place
    from registers_deliveryarea a
    join registers_delivery d on d.id = a.delivery_id
    where d.source = 'police' and d.state in ('accepted', 'superseded')
      and a.area_code between %s and %s and d.received_at <= %s
),
person as (
    select r.household_no, r.typed_index, count(*) as same_rows
    from covering c
    join registers_registerrow r on r.delivery_id = c.delivery_id and r.area_code = c.area_code and r.refused = false
    where c.place = 1
    group by r.household_no, r.typed_index
),
kept as (
    select coalesce(sum(households), 0) as households, coalesce(sum(persons), 0) as persons,
           coalesce(sum(kept_rows), 0) as same_rows
    from covering
    where place = 1 and persons is not null
)
select count(distinct nullif(household_no, '')) + (select households from kept),
       count(*) + (select persons from kept),
       coalesce(sum(same_rows), 0) + (select same_rows from kept)
from person
