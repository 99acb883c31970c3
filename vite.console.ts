// Scripts and styles of the office pages. The two entry files have fixed names, so that a Django template names them with
// {% static 'console/console.js' %} and {% static 'console/console.css' %}; what they load later carries a hash.
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/static/console/',
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: 'renpu/site/static/console',
    emptyOutDir: true,
    manifest: 'manifest.json',
    cssCodeSplit: false,
    chunkSizeWarningLimit: 3000,
    rollupOptions: {
      input: { console: 'renpu/site/console/console.ts' },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'chunks/[name]-[hash].js',
        assetFileNames: (asset) => (asset.names.some((name) => name.endsWith('.css')) ? 'console.css' : 'assets/[name]-[hash][extname]'),
      },
    },
  },
})
