// The office as a port, and its one implementation over HTTP. No cookies; the token goes in a header.
import type { Assignment, FieldEvent, Paired, PullReply, SyncReply } from './protocol'

export interface Office {
  assignment(token: string): Promise<Assignment>
  sync(token: string, sentAt: string, events: FieldEvent[]): Promise<SyncReply>
  pull(token: string, block: string, since: number | string): Promise<PullReply>
}

/** The office could not be reached, or answered something other than 200. `status` 0 = no answer at all. */
export class OfficeError extends Error {
  constructor(readonly status: number) { super(`office answered ${status}`) }
}

const TIMEOUT = 30_000

async function call<T>(path: string, token: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT),
      headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new OfficeError(0)
  }
  if (!response.ok) throw new OfficeError(response.status)
  try {
    return await response.json()
  } catch {
    throw new OfficeError(0) // cut off on the way, or a hotel's login page instead of the office
  }
}

export const pair = (code: string, name: string) => call<Paired>('pair', '', { code, name })

export const office: Office = {
  assignment: (token) => call('assignment', token),
  sync: (token, sent_at, events) => call('sync', token, { sent_at, events }),
  pull: (token, block, since) => call(`pull?block=${encodeURIComponent(block)}&since=${encodeURIComponent(since)}`, token),
}
