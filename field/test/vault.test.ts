import { expect, test } from 'vitest'
import { afterWrong, isTooSimple, NO_TRIES, WIPE_AFTER, waitLeft } from '../src/pin'
import { Vault } from '../src/vault'

test('a wrong PIN opens nothing, and a box opens only in its own row', async () => {
  const [vault, lock] = await Vault.create('246810', 'secret', 1000)
  const box = await vault.seal({ name: '张建国' }, 'h1')
  expect(await (await Vault.open('246810', 'secret', lock)).unseal(box, 'h1')).toEqual({ name: '张建国' })
  await expect(Vault.open('000000', 'secret', lock)).rejects.toThrow()
  await expect(Vault.open('246810', 'another secret', lock)).rejects.toThrow()
  await expect(vault.unseal(box, 'h2')).rejects.toThrow()
})

test('waits grow with each wrong PIN and the tenth wipes', () => {
  let tries = NO_TRIES, now = 1_000_000, before = -1
  for (let n = 1; n <= WIPE_AFTER; n++) {
    const after = afterWrong(tries, now)
    expect(after.wipe).toBe(n === WIPE_AFTER)
    const wait = waitLeft(after.tries, now)
    expect(wait).toBeGreaterThan(before)
    expect(waitLeft(after.tries, now + wait)).toBe(0)
    ;({ tries } = after)
    before = wait
    now += wait
  }
})

test('a clock set back does not shorten a wait, nor make it endless', () => {
  const { tries } = afterWrong({ wrong: 5, last: 0 }, 5_000_000)
  expect(waitLeft(tries, 0)).toBe(waitLeft(tries, 5_000_000))
})

test('a PIN that a finder tries first is refused', () => {
  for (const pin of ['000000', '123456', '987654', '777777']) expect(isTooSimple(pin), pin).toBe(true)
  for (const pin of ['246810', '195203', '112233']) expect(isTooSimple(pin), pin).toBe(false)
})
