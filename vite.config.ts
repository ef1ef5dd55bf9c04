import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { sourceDigest } from "./scripts/source-digest.mjs";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** The same sources give the same version, on whatever machine and at whatever time they are built. */
const appVersion = `${version}+${sourceDigest("client").slice(0, 8)}`;

const shortcutIcon = (name: string) => [
  { src: `/shortcut-${name}-192x192.png`, sizes: "192x192", type: "image/png" },
];

const server = "http://127.0.0.1:8787";

export default defineConfig({
  root: "client",
  define: { __APP_VERSION__: JSON.stringify(appVersion) },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    // Named in the README; `String.isWellFormed` and module workers decide.
    target: ["chrome111", "edge111", "firefox119", "safari16.4"],
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      "/api": server,
      "/healthz": server,
      "/readyz": server,
      "/sync": { target: server, ws: true },
    },
  },
  plugins: [
    react(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: ".",
      filename: "service-worker.ts",
      registerType: "prompt",
      injectRegister: false,
      includeManifestIcons: false,
      injectManifest: {
        rollupFormat: "iife",
        globPatterns: ["**/*.{js,css,html,svg,png,ico,woff2,wasm}"],
        globIgnores: ["screenshots/**"],
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
      },
      manifest: {
        id: "/",
        name: "有备会员",
        short_name: "有备",
        description: "店里的会员、储值和消费，每台设备都有一份；断网照常收银，服务器坏了也丢不了。",
        lang: "zh-CN",
        dir: "ltr",
        scope: "/",
        start_url: "/?source=pwa",
        display: "standalone",
        orientation: "any",
        theme_color: "#fffdf9",
        background_color: "#f4f1e9",
        categories: ["business", "finance", "productivity"],
        prefer_related_applications: false,
        launch_handler: { client_mode: ["navigate-existing", "auto"] },
        icons: [
          { src: "/pwa-64x64.png", sizes: "64x64", type: "image/png", purpose: "any" },
          { src: "/pwa-192x192.png", sizes: "192x192", type: "image/png", purpose: "any" },
          { src: "/pwa-512x512.png", sizes: "512x512", type: "image/png", purpose: "any" },
          {
            src: "/maskable-icon-512x512.png",
            sizes: "512x512",
            type: "image/png",
            purpose: "maskable",
          },
        ],
        shortcuts: [
          { name: "搜索", url: "/?source=shortcut", icons: shortcutIcon("search") },
          {
            name: "新增会员",
            url: "/members/new?source=shortcut",
            icons: shortcutIcon("add-member"),
          },
          { name: "充值", url: "/top-up?source=shortcut", icons: shortcutIcon("top-up") },
        ],
      },
    }),
  ],
});
