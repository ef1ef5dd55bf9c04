import { problemResponse } from "./problems.ts";

export interface Asset {
  bytes: Uint8Array<ArrayBuffer>;
  gzipped: Uint8Array<ArrayBuffer> | undefined;
  etag: string;
}

/** The built app. */
export interface Assets {
  /** @param path below the app's folder, `assets/main.js`; undefined when it is not one of its files */
  read(path: string): Promise<Asset | undefined>;
}

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json",
  webmanifest: "application/manifest+json",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  wasm: "application/wasm",
  woff2: "font/woff2",
  txt: "text/plain; charset=utf-8",
};

/** Serves the app: names with a hash for ever, everything else checked again each time. */
export async function serveAsset(
  assets: Assets,
  path: string,
  request: Headers,
): Promise<Response> {
  const wanted = path.slice(1) || "index.html";
  const isPage = !/\.[a-z0-9]+$/i.test(wanted);
  const name = isPage ? "index.html" : wanted;
  const asset = await assets.read(name);
  if (!asset) return problemResponse("not-found");
  const headers = new Headers({
    "content-type": types[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream",
    "cache-control": name.startsWith("assets/")
      ? "public, max-age=31536000, immutable"
      : "no-cache",
    etag: asset.etag,
    vary: "accept-encoding",
  });
  if (request.get("if-none-match") === asset.etag)
    return new Response(null, { status: 304, headers });
  if (asset.gzipped && /\bgzip\b/.test(request.get("accept-encoding") ?? "")) {
    headers.set("content-encoding", "gzip");
    return new Response(asset.gzipped, { headers });
  }
  return new Response(asset.bytes, { headers });
}
