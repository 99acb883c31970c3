// Times and ids made on the device. The clock is a port, so that a test says what time it is.

export type Now = () => number

/** UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits, so that ids sort by time of birth. */
export function uuid7(now: Now = Date.now): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let ms = now()
  for (let i = 5; i >= 0; i--) { bytes[i] = ms % 256; ms = Math.floor(ms / 256) }
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const two = (n: number) => String(Math.abs(n)).padStart(2, '0')

/** ISO 8601 in local time with its offset: 2020-11-01T19:30:00.123+08:00. */
export function isoLocal(at: number): string {
  const d = new Date(at), offset = -d.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}:` +
    `${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, '0')}${zone}`
}

/** Milliseconds by which the office's clock is ahead of this one, taking the middle of the request as its moment. */
export function clockOffset(serverTime: string, sent: number, received: number): number {
  return Date.parse(serverTime) - (sent + received) / 2
}

export const CLOCK_TOLERANCE = 5 * 60_000
