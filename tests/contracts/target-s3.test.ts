import { S3mini } from "s3mini";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openS3 } from "../../server/adapters/s3-target.ts";
import type { Target } from "../../server/backups/target.ts";
import type { S3Settings } from "../../server/backups/target-settings.ts";
import { fetchByName } from "../services/fetch-by-name.ts";
import { s3Login, startSwift, swift, virtualHost } from "../services/s3-service.ts";
import { isInstalled, type Service, serviceFolder } from "../services/service.ts";
import { openWire, type Wire } from "../services/wire.ts";
import { sourceOf, type TargetPlace, targetContract } from "./target-contract.ts";

const bucket = "backups";
const hasSwift = isInstalled(swift);
const mebibyte = 1024 * 1024;

let folder: Awaited<ReturnType<typeof serviceFolder>>;
let service: Service;
let wire: Wire;

beforeAll(async () => {
  if (!hasSwift) return;
  folder = await serviceFolder();
  service = await startSwift(folder.path);
  wire = await openWire(service.port);
  await driver().createBucket();
}, 120_000);

afterAll(async () => {
  if (!hasSwift) return;
  await wire.cut();
  await service.kill();
  await folder.remove();
});

const settingsOf = (root: string, changes: Partial<S3Settings> = {}): S3Settings => ({
  kind: "s3",
  endpoint: `http://127.0.0.1:${wire.port}`,
  bucket,
  style: "path",
  ...s3Login,
  folder: `shop/${root}`,
  ...changes,
});

/** To look behind the adapter's back. */
function driver(): S3mini {
  const { accessKey, secretKey, region } = s3Login;
  return new S3mini({
    endpoint: `http://127.0.0.1:${service.port}/${bucket}`,
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    region,
  });
}

targetContract(
  "Swift's S3",
  { isInstalled: hasSwift },
  async (): Promise<TargetPlace> => ({
    open: (root) => openS3(settingsOf(root)),
    openWrong: (root) => openS3(settingsOf(root, { secretKey: "wrong" })),
    sentBytes: wire.sentBytes,
    cut: wire.cut,
    mend: wire.mend,
    dispose: () => undefined,
  }),
);

describe.skipIf(!hasSwift)("a bucket", () => {
  const opened: Target[] = [];
  const open = (...args: Parameters<typeof openS3>): Target => {
    const target = openS3(...args);
    opened.push(target);
    return target;
  };
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  test("may stand in the host's name, as Aliyun demands it", async () => {
    const hosts = new Set<string>();
    const endpoint = `http://${virtualHost}:${wire.port}`;
    const named = settingsOf("named", { style: "virtual-host", endpoint });
    const target = open(named, { fetch: fetchByName((host) => hosts.add(host)) });
    await target.put("a/small", sourceOf(100));
    await target.put("a/large", sourceOf(20 * mebibyte));
    expect([...hosts]).toEqual([`${bucket}.${virtualHost}:${wire.port}`]);
    const listed = [
      { name: "a/large", bytes: 20 * mebibyte },
      { name: "a/small", bytes: 100 },
    ];
    expect(await target.list("a")).toEqual(listed);
    expect(await open(settingsOf("named")).list("a")).toEqual(listed);
  });

  test("that does not exist is refused, not made", async () => {
    const target = open(settingsOf("one", { bucket: "nobodys" }));
    await expect(target.list("")).rejects.toMatchObject({ code: "refused" });
    await expect(target.put("one", sourceOf(10))).rejects.toMatchObject({ code: "refused" });
  });

  test("is told the truth about who asks, and in which region", async () => {
    for (const wrong of [{ accessKey: "shop:nobody" }, { secretKey: "wrong" }])
      await expect(open(settingsOf("one", wrong)).list("")).rejects.toMatchObject({
        code: "wrong-credentials",
      });
    const elsewhere = open(settingsOf("one", { region: "cn-hangzhou" }));
    await expect(elsewhere.list("")).rejects.toMatchObject({ code: "refused" });
  });

  test("keeps no uploads that nobody goes on with: they would be paid for unseen", async () => {
    const target = open(settingsOf("left"));
    const left = async () => {
      const answer = await driver().listMultipartUploads("/", "", "GET", { prefix: "shop/left" });
      return JSON.stringify(answer).match(/"UploadId":/g)?.length ?? 0;
    };
    const controller = new AbortController();
    const cancel = { signal: controller.signal, onProgress: () => controller.abort() };
    await expect(target.put("one", sourceOf(20 * mebibyte), cancel)).rejects.toThrow();
    expect(await left()).toBe(1);
    await target.put("one", sourceOf(20 * mebibyte));
    expect(await left()).toBe(0);
    const again = new AbortController();
    const second = { signal: again.signal, onProgress: () => again.abort() };
    await expect(target.put("two", sourceOf(20 * mebibyte), second)).rejects.toThrow();
    await target.remove("two");
    expect(await left()).toBe(0);
  });

  test("that is busy is asked again later, and not for ever", async () => {
    const pauses: number[] = [];
    const wait = async (ms: number) => void pauses.push(ms);
    let refusals = 2;
    const slow: typeof fetch = (input, init) =>
      refusals-- > 0
        ? Promise.resolve(new Response("<Error><Code>SlowDown</Code></Error>", { status: 503 }))
        : fetch(input, init);
    const target = open(settingsOf("busy"), { wait, fetch: slow });
    await target.put("one", sourceOf(10));
    expect(pauses).toEqual([2000, 5000]);
    refusals = 100;
    await expect(target.list("")).rejects.toMatchObject({ code: "busy" });
    expect(pauses).toHaveLength(6);
  });
});
