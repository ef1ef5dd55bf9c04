import { createHash } from "node:crypto";
import { S3mini, type S3ServiceError, sanitizeETag, type UploadPart } from "s3mini";
import { TargetFault, type TargetFaultCode, type TargetFile } from "../backups/target.ts";
import type { S3Settings } from "../backups/target-settings.ts";
import { networkFaultOf, statusFaultOf } from "./network-faults.ts";
import { patiently, type Wait, waitFor } from "./patience.ts";

export interface S3Deps {
  wait?: Wait;
  fetch?: typeof fetch;
}

type Signal = AbortSignal | undefined;

/** An upload in parts that was begun. */
export interface Upload {
  key: string;
  id: string;
  /** ISO */
  begun: string;
}

export interface HeldPart extends UploadPart {
  bytes: number;
}

/** A bucket, in our words. */
export class S3Bucket {
  readonly #settings: S3Settings;
  readonly #endpoint: string;
  readonly #fetch: typeof fetch;
  readonly #wait: Wait;

  constructor(settings: S3Settings, { wait = waitFor, fetch = globalThis.fetch }: S3Deps) {
    this.#settings = settings;
    this.#endpoint = endpointOf(settings);
    this.#fetch = fetch;
    this.#wait = wait;
  }

  /** @param prefix with a slash at its end, or empty */
  list(prefix: string): Promise<TargetFile[]> {
    return this.#ask(undefined, async (client) => {
      const objects = await client.listObjects("/", prefix);
      if (objects === null) throw new TargetFault("refused", "there is no such bucket");
      return objects.map(({ Key, Size }) => ({ name: String(Key), bytes: Number(Size) }));
    });
  }

  /** @returns bytes of an object; undefined when there is none */
  size(key: string): Promise<number | undefined> {
    return this.#ask(undefined, async (client) => {
      // What HEAD refuses, it refuses without saying why.
      const found = await client.listObjectsPaged("/", key, 1);
      if (!found) throw new TargetFault("refused", "there is no such bucket");
      const object = found.objects?.find(({ Key }) => String(Key) === key);
      return object && Number(object.Size);
    });
  }

  async put(key: string, content: Buffer, signal: Signal): Promise<void> {
    await this.#ask(signal, (client) =>
      client.putObject(key, content, undefined, undefined, digestHeader(content)),
    );
  }

  /** @returns undefined when there is no such object */
  get(key: string, from: number, signal: Signal): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#ask(signal, async (client) => {
      try {
        const response = await client.getObjectRaw(key, from === 0, from);
        if (from > 0 && response.status !== 206)
          throw new TargetFault("refused", "the server does not send parts of objects");
        return bodyOf(response);
      } catch (error) {
        if (serviceCodeOf(error) === "NoSuchKey") return undefined;
        throw error;
      }
    });
  }

  /** Nothing happens when it is not there. */
  async remove(key: string): Promise<void> {
    await this.#ask(undefined, async (client) => {
      try {
        await client.deleteObject(key);
      } catch (error) {
        if (serviceCodeOf(error) !== "NoSuchKey") throw error;
      }
    });
  }

  /** Uploads of an object that were begun, the newest first; none for who may not ask. */
  async uploads(key: string): Promise<Upload[]> {
    try {
      return await this.#ask(undefined, async (client) => {
        const answer: unknown = await client.listMultipartUploads("/", "", "GET", { prefix: key });
        return uploadsIn(answer)
          .filter((upload) => upload.key === key)
          .sort((one, other) => (one.begun < other.begun ? 1 : -1));
      });
    } catch (error) {
      if (error instanceof TargetFault && error.code === "refused") return [];
      throw error;
    }
  }

  begin(key: string): Promise<string> {
    return this.#ask(undefined, (client) => client.getMultipartUploadId(key));
  }

  /** What an upload has so far, by number. */
  parts(key: string, id: string): Promise<Map<number, HeldPart>> {
    return this.#ask(undefined, async (client) => {
      const held = new Map<number, HeldPart>();
      for (let marker = 0; ; ) {
        const query = { uploadId: id, "max-parts": 1000, "part-number-marker": marker };
        const response = await client.getObjectRaw(key, true, 0, undefined, query);
        const text = await response.text();
        for (const part of partsIn(text)) held.set(part.partNumber, part);
        const next = Number(textIn(text, "NextPartNumberMarker"));
        if (textIn(text, "IsTruncated") !== "true" || !(next > marker)) return held;
        marker = next;
      }
    });
  }

  putPart(
    key: string,
    id: string,
    { number, content, signal }: { number: number; content: Buffer; signal: Signal },
  ): Promise<UploadPart> {
    return this.#ask(signal, (client) =>
      client.uploadPart(key, id, content, number, {}, undefined, digestHeader(content)),
    );
  }

  /** Makes an object of the parts; it is there at once and whole. */
  async complete(key: string, id: string, parts: UploadPart[]): Promise<void> {
    await this.#ask(undefined, (client) => client.completeMultipartUpload(key, id, parts));
  }

  async abort(key: string, id: string): Promise<void> {
    await this.#ask(undefined, (client) => client.abortMultipartUpload(key, id));
  }

  #ask<Value>(signal: Signal, action: (client: S3mini) => Promise<Value>): Promise<Value> {
    const { accessKey, secretKey, region } = this.#settings;
    const send = this.#fetch;
    const client = new S3mini({
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      endpoint: this.#endpoint,
      region,
      fetch: (input, init) => send(input, { ...init, ...(signal && { signal }) }),
    });
    const patience = { wait: this.#wait, signal, faultOf: s3FaultOf };
    return patiently(patience, () => action(client));
  }
}

/** The bucket's own address. */
function endpointOf({ endpoint, bucket, style }: S3Settings): string {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/$/, "");
  return style === "path"
    ? `${url.origin}${path}/${bucket}`
    : `${url.protocol}//${bucket}.${url.host}${path}`;
}

/** The server compares it with what arrives: the signature does not cover the content. */
function digestHeader(content: Buffer): Record<`x-amz-${string}`, string> {
  const header = { "content-md5": createHash("md5").update(content).digest("base64") };
  return header as Record<string, string>;
}

/** What a server states of a part that it holds, unless it encrypts with keys of its own. */
export const etagOf = (content: Uint8Array): string =>
  createHash("md5").update(content).digest("hex");

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  try {
    yield* response.body;
  } catch (error) {
    throw s3FaultOf(error);
  }
}

function uploadsIn(answer: unknown): Upload[] {
  const result = childOf(answer, "ListMultipartUploadsResult") ?? answer;
  const uploads = childOf(result, "Upload") ?? [];
  return (Array.isArray(uploads) ? uploads : [uploads]).map((upload) => ({
    key: String(childOf(upload, "Key") ?? ""),
    id: String(childOf(upload, "UploadId") ?? ""),
    begun: String(childOf(upload, "Initiated") ?? ""),
  }));
}

const childOf = (node: unknown, name: string): unknown =>
  typeof node === "object" && node !== null ? (node as Record<string, unknown>)[name] : undefined;

const partsIn = (xml: string): HeldPart[] =>
  [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = ""]) => ({
    partNumber: Number(textIn(part, "PartNumber")),
    etag: sanitizeETag(textIn(part, "ETag")),
    bytes: Number(textIn(part, "Size")),
  }));

const textIn = (xml: string, tag: string): string =>
  new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1]?.trim() ?? "";

const codes: Readonly<Record<string, TargetFaultCode>> = {
  InvalidAccessKeyId: "wrong-credentials",
  SignatureDoesNotMatch: "wrong-credentials",
  RequestTimeTooSkewed: "wrong-clock",
  NoSuchBucket: "refused",
  /** it was tidied away: the next try begins another */
  NoSuchUpload: "unreachable",
  BadDigest: "unreachable",
  InvalidDigest: "refused",
  EntityTooLarge: "too-large",
  QuotaExceeded: "full",
  XMinioStorageFull: "full",
  SlowDown: "busy",
};

/** What the service called its refusal; the driver reads it only from some servers. */
function serviceCodeOf(error: unknown): string {
  const { body, serviceCode } = error as S3ServiceError;
  return textIn(body ?? "", "Code") || serviceCode || "";
}

/** What the driver threw, in our words; the error itself when it is a mistake of ours. */
export function s3FaultOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TargetFault) return error;
  const { status, body } = error as S3ServiceError;
  if (typeof status !== "number") return networkFaultOf(error) ?? error;
  const code = codes[serviceCodeOf(error)];
  const message = `${serviceCodeOf(error)}: ${textIn(body ?? "", "Message") || error.message}`;
  return code
    ? new TargetFault(code, message, { cause: error })
    : statusFaultOf(status, message, error);
}
