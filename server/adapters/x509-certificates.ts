import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { isIP, isIPv4, isIPv6 } from "node:net";
import type {
  AuthorityWish,
  CertificateFacts,
  Certificates,
  KeyedCertificate,
  LeafWish,
} from "../https/certificates.ts";
import type { AddressRange } from "../https/private-networks.ts";

const { subtle } = globalThis.crypto;
const curve = { name: "ECDSA", namedCurve: "P-256" } as const;
const signing = { name: "ECDSA", hash: "SHA-256" } as const;
const nameConstraints = "2.5.29.30";

/** The library takes a sixth of a second to load, and is needed once in a year. */
async function loadLibrary() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** Writing by a library, reading by what Node itself checks connections with. */
export const x509Certificates: Certificates = {
  async makeAuthority({ permittedNames, permittedRanges, ...wish }: AuthorityWish) {
    const x509 = await loadLibrary();
    const keys = await subtle.generateKey(curve, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: newSerial(),
      name: [{ CN: [wish.subject] }],
      notBefore: new Date(wish.fromMs),
      notAfter: new Date(wish.untilMs),
      signingAlgorithm: signing,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        new x509.Extension(
          nameConstraints,
          true,
          permittedSubtrees(permittedNames, permittedRanges),
        ),
      ],
    });
    return { certificate: pemOf(certificate.toString("pem")), key: await keyPem(keys.privateKey) };
  },

  async issue(authority: KeyedCertificate, { hosts, ...wish }: LeafWish) {
    const x509 = await loadLibrary();
    const root = new x509.X509Certificate(authority.certificate);
    const rootKey = createPrivateKey(authority.key).export({ type: "pkcs8", format: "der" });
    const signingKey = await subtle.importKey("pkcs8", rootKey, curve, false, ["sign"]);
    const keys = await subtle.generateKey(curve, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: [{ CN: [wish.subject] }],
      issuer: root.subjectName.toJSON(),
      notBefore: new Date(wish.fromMs),
      notAfter: new Date(wish.untilMs),
      signingAlgorithm: signing,
      signingKey,
      publicKey: keys.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((value) => ({
            type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const),
            value,
          })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { certificate: pemOf(certificate.toString("pem")), key: await keyPem(keys.privateKey) };
  },

  read(pem): CertificateFacts | undefined {
    const certificate = parsed(pem);
    if (!certificate) return undefined;
    return {
      subject: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "",
      fingerprint: certificate.fingerprint256,
      fromMs: Date.parse(certificate.validFrom),
      untilMs: Date.parse(certificate.validTo),
      hosts: hostsOf(certificate),
      isAuthority: certificate.ca,
      der: new Uint8Array(certificate.raw),
    };
  },

  belongTogether({ certificate, key }) {
    try {
      return parsed(certificate)?.checkPrivateKey(createPrivateKey(key)) ?? false;
    } catch {
      return false;
    }
  },

  isIssuedBy(certificate, authority) {
    const root = parsed(authority);
    return root !== undefined && (parsed(certificate)?.verify(root.publicKey) ?? false);
  },

  covers(certificate, host) {
    const read = parsed(certificate);
    if (!read) return false;
    return (isIP(host) === 0 ? read.checkHost(host) : read.checkIP(host)) !== undefined;
  },
};

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

const hostsOf = ({ subjectAltName = "" }: X509Certificate): string[] =>
  [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)]
    .map(([, host = ""]) => (isIPv6(host) ? shortened(host) : host.toLowerCase()))
    .filter((host) => !host.includes("*"));

/** OpenSSL writes all eight words of an address. */
const shortened = (address: string): string =>
  new URL(`http://[${address}]`).hostname.replace(/[[\]]/g, "");

/** 127 random bits: positive, and the same length for everybody. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

const pemOf = (text: string): string => `${text.trimEnd()}\n`;

async function keyPem(key: Parameters<typeof subtle.exportKey>[1]): Promise<string> {
  const der = Buffer.from(await subtle.exportKey("pkcs8", key));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

/**
 * The body of a NameConstraints extension with nothing but permitted subtrees.
 * @see RFC 5280, 4.2.1.10
 */
function permittedSubtrees(
  names: readonly string[],
  ranges: readonly AddressRange[],
): Uint8Array<ArrayBuffer> {
  const bases = [
    ...names.map((name) => der(0x82, Buffer.from(name, "ascii"))),
    ...ranges.map(({ address, prefix }) =>
      der(0x87, Buffer.concat([bytesOf(address), maskOf(address, prefix)])),
    ),
  ];
  const permitted = der(0xa0, Buffer.concat(bases.map((base) => der(0x30, base))));
  return new Uint8Array(der(0x30, permitted));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  const [before = "", after = ""] = address.split("::");
  const words = (text: string) =>
    text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16));
  const [head, tail] = [words(before), words(after)];
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return Buffer.from([...head, ...zeros, ...tail].flatMap((word) => [word >> 8, word & 0xff]));
}

const maskOf = (address: string, prefix: number): Buffer =>
  Buffer.from(
    Array.from({ length: isIPv4(address) ? 4 : 16 }, (_, index) => {
      const bits = Math.min(8, Math.max(0, prefix - index * 8));
      return (0xff << (8 - bits)) & 0xff;
    }),
  );
