// Service worker of the field app. FILES and VERSION are filled in by the build (see vite.field.ts).
// It keeps the app's own files only: answers live encrypted in IndexedDB, and /api/ is never cached.
const FILES = __FILES__, VERSION = '__VERSION__', ROOT = new URL(self.registration.scope).pathname

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(VERSION)
    // The names of files under assets/ carry a hash; the others must not come from the browser's HTTP cache.
    await cache.addAll(FILES.map((name) => new Request(ROOT + name, { cache: name.startsWith('assets/') ? 'default' : 'reload' })))
  })())
})

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name)
    await self.clients.claim()
  })())
})

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== location.origin || !url.pathname.startsWith(ROOT)) return
  const name = event.request.mode === 'navigate' ? 'index.html' : url.pathname.slice(ROOT.length)
  event.respondWith((async () => (await (await caches.open(VERSION)).match(ROOT + name)) ?? fetch(event.request))())
})

// The page asks before it swaps: never in the middle of an interview.
self.addEventListener('message', (event) => { if (event.data === 'take-over') self.skipWaiting() })
