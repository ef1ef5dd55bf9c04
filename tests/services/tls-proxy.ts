import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";

/** A certificate for localhost that vouches for itself, as a NAS comes with one. */
export function makeCertificate(dir: string): { cert: string; key: string } {
  const [cert, key] = [join(dir, "tls.crt"), join(dir, "tls.key")];
  const made = spawnSync("/usr/bin/openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=nas"],
    ...["-addext", "subjectAltName=DNS:localhost"],
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

/** Speaks TLS before a server that does not. */
export async function openTlsProxy(
  tls: { cert: string; key: string },
  toPort: number,
): Promise<{ port: number; received(): number; close(): Promise<void> }> {
  let received = 0;
  const server = createServer(tls, (client) => {
    const onward = connect(toPort, "127.0.0.1");
    client.on("data", (bytes) => {
      received += bytes.length;
    });
    client.on("error", () => onward.destroy());
    onward.on("error", () => client.destroy());
    client.pipe(onward).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    received: () => received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
