import { createHash } from "node:crypto";
import type { CertificateFacts } from "../https/certificates.ts";

/**
 * The authority's certificate as a configuration profile, the only form that an iPhone or iPad installs
 * from a page. The same certificate always makes the same profile, so that a second one replaces it.
 */
export function joinProfile({ der, subject, fingerprint }: CertificateFacts): string {
  const name = escaped(subject);
  const id = fingerprint.replaceAll(":", "").slice(0, 16).toLowerCase();
  const base64 =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>youbei.root.${id}</string>
<key>PayloadUUID</key><string>${uuidOf(`${fingerprint} profile`)}</string>
<key>PayloadDisplayName</key><string>${name}</string>
<key>PayloadDescription</key><string>有备：信任店里的服务器 · Youbei: trusts the shop's server</string>
<key>PayloadRemovalDisallowed</key><false/>
<key>PayloadContent</key>
<array>
<dict>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>youbei.root.${id}.certificate</string>
<key>PayloadUUID</key><string>${uuidOf(`${fingerprint} certificate`)}</string>
<key>PayloadDisplayName</key><string>${name}</string>
<key>PayloadCertificateFileName</key><string>youbei-root.crt</string>
<key>PayloadContent</key>
<data>
${base64.join("\n")}
</data>
</dict>
</array>
</dict>
</plist>
`;
}

function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
    .join("-")
    .toUpperCase();
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
