// The field client: built into renpu/site/static/app and served under /app/, which is also its service worker's scope.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import vue from '@vitejs/plugin-vue'

const root = join(import.meta.dirname, 'field')

/** Writes sw.js with the list of everything just built, so that the app opens without a network. */
function serviceWorker(): Plugin {
  return {
    name: 'renpu-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const hash = createHash('sha256')
      const names = [...Object.keys(bundle), ...readdirSync(join(root, 'public'))].filter((name) => !name.endsWith('.map')).sort()
      for (const name of names) {
        const made = bundle[name]
        hash.update(name).update(!made ? readFileSync(join(root, 'public', name)) : made.type === 'chunk' ? made.code : made.source)
      }
      const source = readFileSync(join(root, 'src/sw.js'), 'utf8')
        .replace('__FILES__', JSON.stringify(names))
        .replace('__VERSION__', hash.digest('hex').slice(0, 16))
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}

export default defineConfig({
  root,
  base: '/app/',
  plugins: [vue(), serviceWorker()],
  // Not told of direct eval: the engine has it in code that is never reached; the page's CSP forbids it.
  build: { target: 'es2022', outDir: '../renpu/site/static/app', emptyOutDir: true, chunkSizeWarningLimit: 2000, rollupOptions: { checks: { eval: false } } },
  test: { include: ['test/**/*.test.ts'], testTimeout: 20_000 },
} as Parameters<typeof defineConfig>[0])
