import { createApp } from 'vue'
import App from './App.vue'
import { start, ui } from './state'
import './style.css'

createApp(App).mount('#app')
void start()

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  const { serviceWorker } = navigator
  const offerUpdate = (worker: ServiceWorker) => {
    ui.update = () => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
      worker.postMessage('take-over')
    }
  }
  void serviceWorker.register(`${import.meta.env.BASE_URL}sw.js`, { scope: import.meta.env.BASE_URL }).then((registration) => {
    if (registration.waiting && serviceWorker.controller) offerUpdate(registration.waiting)
    registration.addEventListener('updatefound', () => {
      const fresh = registration.installing
      fresh?.addEventListener('statechange', () => { if (fresh.state === 'installed' && serviceWorker.controller) offerUpdate(fresh) })
    })
  })
  void serviceWorker.ready.then(() => { ui.offlineReady = true })
}
