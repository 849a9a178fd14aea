import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

// Every page loads main; what only some pages need is an entry of its own: src/entries/<name>.ts.
const entries = readdirSync("src/entries").filter((file) => file.endsWith(".ts"));

// Built into the server's static folder; the pages find the file names in the manifest.
export default defineConfig({
  base: "/static/built/",
  publicDir: false,
  build: {
    outDir: "../grader/web/static/built",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the pages load fonts from the server and nothing from data: addresses
    target: "es2022",
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: ["src/main.ts", ...entries.map((file) => `src/entries/${file}`)] },
  },
});
