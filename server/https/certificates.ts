import type { AddressRange } from "./private-networks.ts";

/** A certificate and its private key, as PEM. A chain follows the certificate. */
export interface KeyedCertificate {
  certificate: string;
  key: string;
}

/** What a certificate says. */
export interface CertificateFacts {
  /** its common name */
  subject: string;
  /** SHA-256 of the whole certificate, as people compare it: `A1:B2:…` */
  fingerprint: string;
  fromMs: number;
  untilMs: number;
  /** names and addresses without wildcards */
  hosts: readonly string[];
  isAuthority: boolean;
  /** the certificate itself, DER */
  der: Uint8Array<ArrayBuffer>;
}

interface Wish {
  /** common name */
  subject: string;
  fromMs: number;
  untilMs: number;
}

/** May sign certificates for these hosts and no others, and no further authority. */
export interface AuthorityWish extends Wish {
  /** each with everything below it */
  permittedNames: readonly string[];
  permittedRanges: readonly AddressRange[];
}

export interface LeafWish extends Wish {
  hosts: readonly string[];
}

/** X.509, ECDSA P-256 with SHA-256. Texts that are no certificates are values, not faults. */
export interface Certificates {
  makeAuthority(wish: AuthorityWish): Promise<KeyedCertificate>;
  /** for servers only */
  issue(authority: KeyedCertificate, wish: LeafWish): Promise<KeyedCertificate>;
  /** @returns what the first certificate of a PEM text says; undefined when there is none */
  read(pem: string): CertificateFacts | undefined;
  /** whether the key is that of the first certificate */
  belongTogether(keyed: KeyedCertificate): boolean;
  isIssuedBy(certificate: string, authority: string): boolean;
  /** whether a browser that trusts it would accept it for this host, its dates aside */
  covers(certificate: string, host: string): boolean;
}
