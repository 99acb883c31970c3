// Days and times as they are said here.
import { t } from './state'

const two = (n: number) => String(n).padStart(2, '0')

/** 今天 19:05, 昨天 08:30, or 11月3日 19:05. */
export function when(at: number | string, now = Date.now()): string {
  const d = new Date(at), time = `${d.getHours()}:${two(d.getMinutes())}`
  const day = (ms: number) => new Date(ms).toDateString()
  if (day(d.getTime()) === day(now)) return t('when.today', { time })
  if (day(d.getTime()) === day(now - 86_400_000)) return t('when.yesterday', { time })
  return t('when.date', { month: d.getMonth() + 1, day: d.getDate(), time })
}

/** An appointment: its day and the part of the day. */
export function appointment(at: string): string {
  const d = new Date(at)
  return t('when.appointment', { month: d.getMonth() + 1, day: d.getDate(), part: t(partOfDay(d.getHours())) })
}

export const PARTS = [
  ['part.morning', 10],
  ['part.afternoon', 15],
  ['part.evening', 19],
] as const

export const partOfDay = (hour: number) => (hour < 12 ? 'part.morning' : hour < 18 ? 'part.afternoon' : 'part.evening')

/** 196203 as 1962年3月. */
export const spokenMonth = (yyyymm: string): string =>
  /^\d{6}$/.test(yyyymm) ? t('when.month', { year: yyyymm.slice(0, 4), month: Number(yyyymm.slice(4)) }) : yyyymm

/** A day to choose, `ahead` days from now: 今天, 明天, or 11月3日 周二. */
export function spokenDay(d: Date, ahead: number): string {
  if (ahead === 0) return t('day.today')
  if (ahead === 1) return t('day.tomorrow')
  return t('day.date', { month: d.getMonth() + 1, day: d.getDate(), weekday: t(WEEKDAYS[d.getDay()]!) })
}
const WEEKDAYS = ['day.0', 'day.1', 'day.2', 'day.3', 'day.4', 'day.5', 'day.6'] as const
