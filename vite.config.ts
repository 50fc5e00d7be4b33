import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the dashboard into dist/dashboard, which the collector serves. */
export default defineConfig({
  root: fileURLToPath(new URL('./dashboard', import.meta.url)),
  plugins: [react()],
  // The collector puts a fresh nonce in place of this word in every answer.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: fileURLToPath(new URL('./dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    // font-src is 'self': an inlined font would be refused.
    assetsInlineLimit: 0,
    target: 'es2022',
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8400', '/t': 'http://127.0.0.1:8400', '/e': 'http://127.0.0.1:8400' } },
});
