import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createClient, type FileStat, type WebDAVClient } from "webdav";
import { TargetFault } from "../backups/target.ts";
import type { WebdavSettings } from "../backups/target-settings.ts";
import { networkFaultOf, statusFaultOf } from "./network-faults.ts";
import { patiently, type Wait, waitFor } from "./patience.ts";

export interface WebdavDeps {
  wait?: Wait;
}

export interface DavEntry {
  /** without its folder */
  name: string;
  isFolder: boolean;
  bytes: number;
  changedMs: number;
}

/** Few requests, one after the other on one connection, in our words; it waits when it is told to. */
export class WebdavConnection {
  readonly #client: WebDAVClient;
  readonly #agent: HttpAgent;
  readonly #wait: Wait;
  readonly #root: string;

  constructor(settings: WebdavSettings, { wait = waitFor }: WebdavDeps) {
    const { url, user, password, authority } = settings;
    const kept = { keepAlive: true, maxSockets: 2, timeout: 120_000 };
    const isSecure = new URL(url).protocol === "https:";
    this.#agent = isSecure ? new HttpsAgent({ ...kept, ca: authority }) : new HttpAgent(kept);
    const agent = isSecure ? { httpsAgent: this.#agent } : { httpAgent: this.#agent };
    this.#client = createClient(url, { username: user, password, ...agent });
    this.#root = settings.folder === "" ? "" : `/${settings.folder}`;
    this.#wait = wait;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @returns what is in a folder; undefined when there is none */
  async entries(folder: string): Promise<DavEntry[] | undefined> {
    const path = this.#path(folder);
    const found = await this.#unlessMissing(() => this.#client.getDirectoryContents(path));
    return (found as FileStat[] | undefined)?.map(({ basename, type, size, lastmod }) => ({
      name: basename,
      isFolder: type === "directory",
      bytes: size,
      changedMs: Date.parse(lastmod) || 0,
    }));
  }

  async put(path: string, content: Buffer, signal: AbortSignal | undefined): Promise<void> {
    await this.#ask(signal, () =>
      this.#client.putFileContents(this.#path(path), content, { ...(signal && { signal }) }),
    );
  }

  async move(from: string, to: string): Promise<void> {
    await this.#ask(undefined, () => this.#client.moveFile(this.#path(from), this.#path(to)));
  }

  /** Nothing happens when it is not there. */
  async remove(path: string): Promise<void> {
    await this.#unlessMissing(() => this.#client.deleteFile(this.#path(path)));
  }

  /** Makes a folder and those above it. */
  async makeFolder(folder: string): Promise<void> {
    const path = this.#path(folder);
    if (path !== "/") await this.#make(path);
  }

  /** @returns undefined when there is no such file */
  get(
    path: string,
    from: number,
    signal: AbortSignal | undefined,
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#unlessMissing(async () => {
      const response = await this.#client.customRequest(this.#path(path), {
        method: "GET",
        headers: from > 0 ? { Range: `bytes=${from}-` } : {},
        ...(signal && { signal }),
      });
      if (from > 0 && response.status !== 206)
        throw new TargetFault("refused", "the server does not send parts of files");
      return bodyOf(response as unknown as { body: unknown });
    }, signal);
  }

  async #make(path: string): Promise<void> {
    const status = await this.#statusOf(() => this.#client.createDirectory(path));
    if (status !== 409 && status !== 404) return;
    const above = path.slice(0, path.lastIndexOf("/"));
    if (above === "") throw new TargetFault("refused", `the server makes no folder ${path}`);
    await this.#make(above);
    await this.#ask(undefined, () => this.#client.createDirectory(path));
  }

  /** @returns 0 when it went well; 405 when what should be made is there */
  async #statusOf(action: () => Promise<unknown>): Promise<number> {
    return this.#ask(undefined, async () => {
      try {
        await action();
        return 0;
      } catch (error) {
        const status = statusOf(error);
        if (status === 405 || status === 409 || status === 404) return status;
        throw error;
      }
    });
  }

  #unlessMissing<Value>(
    action: () => Promise<Value>,
    signal?: AbortSignal,
  ): Promise<Value | undefined> {
    return this.#ask(signal, async () => {
      try {
        return await action();
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  }

  #ask<Value>(signal: AbortSignal | undefined, action: () => Promise<Value>): Promise<Value> {
    const wait = this.#wait;
    return patiently({ wait, signal, faultOf: webdavFaultOf, retryAfterMs }, action);
  }

  #path(path: string): string {
    const whole = path === "" ? this.#root : `${this.#root}/${path}`;
    return whole === "" ? "/" : whole;
  }
}

async function* bodyOf(response: { body: unknown }): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw webdavFaultOf(error);
  }
}

interface DavError {
  status?: unknown;
  response?: { headers?: { get?(name: string): string | null } };
}

const statusOf = (error: unknown): number =>
  error instanceof Error ? Number((error as DavError).status ?? 0) : 0;

function retryAfterMs(error: unknown): number | undefined {
  const text = (error as DavError).response?.headers?.get?.("retry-after");
  const seconds = Number(text ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** What the driver threw, in our words; the error itself when it is a mistake of ours. */
export function webdavFaultOf(error: unknown): unknown {
  if (error instanceof TargetFault) return error;
  const status = statusOf(error);
  if (status > 0) return statusFaultOf(status, (error as Error).message, error);
  return networkFaultOf(error) ?? error;
}
