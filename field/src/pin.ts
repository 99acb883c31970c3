// How often a PIN may be tried. Waits grow with each wrong try; the tenth wipes what is not waiting to be sent.

export const PIN_LENGTH = 6
export const WIPE_AFTER = 10
const SECONDS = [0, 2, 5, 15, 30, 60, 120, 300, 600, 1200]
const AFTER_WIPE = 1800

export interface Tries { wrong: number; last: number }
export const NO_TRIES: Tries = { wrong: 0, last: 0 }

/** Milliseconds still to wait before the next try. A clock set back does not shorten the wait. */
export function waitLeft(tries: Tries, now: number): number {
  const wait = 1000 * (SECONDS[tries.wrong] ?? AFTER_WIPE)
  return Math.min(wait, Math.max(0, tries.last + wait - now))
}

export function afterWrong(tries: Tries, now: number): { tries: Tries; wipe: boolean } {
  const next = { wrong: tries.wrong + 1, last: now }
  return { tries: next, wipe: next.wrong === WIPE_AFTER }
}

/** Refuses the PINs that a finder tries first: all the same digit, or a run up or down. */
export function isTooSimple(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, i) => Number(digit) - Number(pin[i]))
  return steps.every((step) => step === steps[0] && Math.abs(step) <= 1)
}
