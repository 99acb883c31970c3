// What a citizen identity number says of its holder (GB 11643): digits 7-12 are year and month of birth, the 17th is odd for men.

/** Sex (1, 2) and month of birth (yyyymm) of an 18-character number; undefined for anything else. Its check is the form's business. */
export function holder(number: string): { sex: '1' | '2'; birth: string } | undefined {
  if (!/^\d{17}[\dX]$/.test(number)) return undefined
  return { sex: Number(number[16]) % 2 ? '1' : '2', birth: number.slice(6, 12) }
}
