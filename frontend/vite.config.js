import { defineConfig } from "vite";

// Built into the server's static folder; the pages find the file names in the manifest.
export default defineConfig({
  base: "/static/built/",
  publicDir: false,
  build: {
    outDir: "../grader/web/static/built",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: { input: "src/main.ts" },
  },
});
