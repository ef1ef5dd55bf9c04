import "./ui/mantine.css";
import "./ui/theme.css";
import { createRoot } from "react-dom/client";
import type { Signer } from "../shared/journal/ports.ts";
import { assert } from "../shared/outcome/assert.ts";
import { createDeviceReplica } from "../shared/replica/device-replica.ts";
import { DeviceSession } from "../shared/replica/device-session.ts";
import { StoreFault } from "../shared/replica/ports.ts";
import { ServerAddresses } from "../shared/replica/server-addresses.ts";
import { readLog } from "../shared/replica/server-contact.ts";
import type { ServerApi } from "../shared/sync/server-api.ts";
import {
  browserClock as clock,
  databaseName,
  browserRandom as random,
  rememberIn,
  startAnotherDatabase,
  browserTimers as timers,
} from "./adapters/browser.ts";
import type { YoubeiDatabase } from "./adapters/database.ts";
import {
  forgetDeviceCookie,
  readDeviceCookie,
  writeDeviceCookie,
} from "./adapters/device-cookie.ts";
import { eraseBrowser } from "./adapters/erase-browser.ts";
import { createFetchApi } from "./adapters/fetch-api.ts";
import { createIndexedDbStore } from "./adapters/indexeddb-store.ts";
import { openDatabase } from "./adapters/open-database.ts";
import { followUpdates } from "./adapters/service-worker-updates.ts";
import { takeWriterSeat } from "./adapters/single-writer.ts";
import { openTabChannel } from "./adapters/tab-channel.ts";
import { createWebCryptoSignatures } from "./adapters/web-crypto-signatures.ts";
import { findSigner, openSigner } from "./adapters/web-crypto-signer.ts";
import type { Phase } from "./app.tsx";
import { startSpeaking } from "./i18n/i18n.ts";
import {
  type Impossible,
  isPrivateWindow,
  lookAtEnvironment,
} from "./journeys/not-possible/environment.ts";
import { Root } from "./root.tsx";
import { askByKey, onAskAddress } from "./shop/choose-address.ts";
import type { TabChannel } from "./shop/following-messages.ts";
import { followShop } from "./shop/following-shop.ts";
import { createLocalShop } from "./shop/local-shop.ts";
import { onErase } from "./shop/moving.ts";
import {
  cardSetting,
  identitySetting,
  type OwnIdentity,
  readCard,
  rootSetting,
} from "./shop/own-settings.ts";
import { createOwnSuccession } from "./shop/own-succession.ts";
import { lookWhenOnline, onLookAtAddress, permanentAddress } from "./shop/permanent-address.ts";
import { createRefillDesk, onRefill } from "./shop/refill.ts";
import { createRescueDesk } from "./shop/rescue-desk.ts";
import { onAskSafety } from "./shop/safety-facts.ts";
import type { Shop, ShopIdentity } from "./shop/shop.ts";
import { hostFollowers } from "./shop/shop-host.ts";
import { lookAtStorage, storageState } from "./shop/storage-state.ts";
import { onAskTargets } from "./shop/target-desk.ts";
import type { UnprovedCard } from "./shop/unproved-card.ts";
import { offerUpdate, onCheckForUpdate } from "./shop/update-state.ts";
import { withLog } from "./shop/with-log.ts";

const place = document.getElementById("root");
assert(place, "index.html has a root");
const root = createRoot(place);
const show = (phase: Phase) => root.render(<Root phase={phase} />);

/** The store is closed because somebody wants it erased, not because another tab took it. */
let isErasing = false;

const noCard: UnprovedCard = { entropy: undefined, proved: () => undefined };
const pairAgain = () => {
  startAnotherDatabase();
  // What this device had is beside, not gone: nothing of it was cleared.
  forgetDeviceCookie();
  location.href = "/pair";
};

await startSpeaking();
show({ phase: "starting" });
const impossible = lookAtEnvironment() ?? (await lookAtPrivacy());
if (impossible) show({ phase: "impossible", impossible });
else
  await start().catch((fault: unknown) => {
    show({ phase: "impossible", impossible: whyNot(fault) });
  });

async function start(): Promise<void> {
  onCheckForUpdate(followUpdates(offerUpdate));
  onLookAtAddress(createFetchApi(location.origin));
  const name = databaseName();
  const seat = await takeWriterSeat(navigator.locks, `${name}-writer`);
  const channel = openTabChannel(name);
  if (!seat.isWriter) {
    const following = follow(channel);
    await seat.taken;
    await (await Promise.race([following, undefined]))?.close();
  }
  await write(name, channel);
}

async function follow(channel: TabChannel): Promise<Shop> {
  const unsubscribe = channel.subscribe((message) => {
    if (message.type === "writer-here" && !message.enrolled) show({ phase: "elsewhere" });
  });
  const shop = await followShop(channel, crypto.randomUUID());
  unsubscribe();
  lookWhenOnline(shop);
  show({ phase: "open", shop, card: noCard, pairAgain });
  return shop;
}

async function write(name: string, channel: TabChannel): Promise<void> {
  const onGivenUp = () => {
    if (!isErasing) show({ phase: "given-up" });
  };
  const db = await openDatabase(name, { onBlocked: onGivenUp, onGivenUp });
  await lookAtStorage({ ask: false });
  const identity = (await db.settings.get(identitySetting))?.value;
  if (identity === undefined) return arrive(db, channel);
  await open(db, channel, JSON.parse(identity) as OwnIdentity);
}

/** A profile without an identity: set up a shop, or join one. */
async function arrive(db: YoubeiDatabase, channel: TabChannel): Promise<void> {
  const { createEntrance } = await import("./shop/entrance.ts");
  channel.subscribe(({ type }) => {
    if (type === "join") channel.post({ type: "writer-here", enrolled: false });
  });
  const store = createIndexedDbStore(db);
  const entrance = createEntrance({
    api: createFetchApi(location.origin),
    store,
    clock,
    random,
    signatures: createWebCryptoSignatures(),
    deviceSigner: () => openSigner(db, "device-key"),
    personSigner: () => openSigner(db, "person-key"),
    timeZone: "Asia/Shanghai",
    before: readDeviceCookie(),
    onEnrolled: (how) => location.assign(how === "founded" ? "/start/card" : "/"),
  });
  show({ phase: "nobody", entrance });
}

async function open(
  db: YoubeiDatabase,
  channel: TabChannel,
  { keyName = "device-key", ...identity }: OwnIdentity,
): Promise<void> {
  const signer = await openSigner(db, keyName);
  const signatures = createWebCryptoSignatures();
  let api: ServerApi = createFetchApi(location.origin);
  const askLog = async (key: Signer) => {
    const log = await readLog(api, key, signatures);
    return log.ok ? log.value : undefined;
  };
  const store = await withLog(createIndexedDbStore(db), identity, {
    publicKey: signer.publicKey,
    readLog: () => askLog(signer).catch(() => undefined),
  });
  if (!store) return show({ phase: "impossible", impossible: { why: "logDamaged" } });
  const replica = await createDeviceReplica({
    store,
    clock,
    random,
    signatures,
    signer,
    identity,
    program: __APP_VERSION__,
  });
  const keeper = replica.keeper(timers);
  const addresses = new ServerAddresses({
    home: location.origin,
    apiAt: createFetchApi,
    timers,
    remember: rememberIn(`youbei.${identity.org}`),
    known: () => ({ org: identity.org, term: replica.authority.term }),
  });
  api = addresses;
  const succession = createOwnSuccession({
    store,
    identity,
    trouble: () => replica.trouble(),
    clock,
    signerNamed: (name) => openSigner(db, name),
    knownSigner: (name) => findSigner(db, name),
    readLog: async (key) => (await askLog(key))?.state,
    onRenewed: () => session.close(),
  });
  const remember = rememberIn(`youbei.${identity.device}`);
  // Members' keys that were lost here are only fetched again by who reads all of them again.
  if (replica.damaged.some(({ where }) => where === "keyring")) remember.set("keyring", "0:0");
  const session: DeviceSession = new DeviceSession({
    replica,
    succession,
    api,
    get socketUrl() {
      return addresses.socketUrl;
    },
    WebSocket,
    signer,
    signatures,
    clock,
    random,
    timers,
    persisted: () => storageState().persisted,
    remember,
  });
  const key = await personalKey(db, identity);
  session.subscribe(() => {
    if (session.status().reason === "not-admitted") void succession.notAdmitted();
  });
  const shop = createLocalShop({
    replica,
    link: session,
    identity,
    succession,
    rescue: createRescueDesk(replica, clock),
    personalKey: key,
  });
  onLookAtAddress(api);
  onAskAddress(askByKey(api, identity.org, key?.signer));
  onAskSafety(api, { ...identity, signer });
  onAskTargets(api, { ...identity, signer });
  onRefill(
    createRefillDesk({
      replica,
      clock,
      random,
      apiAt: createFetchApi,
      remember: (address) => addresses.add(address),
    }),
  );
  onErase(async () => {
    isErasing = true;
    keeper.close();
    await shop.close();
    db.close();
    // Cookies know no ports: what the successor on the same host says of itself stays.
    const { origin } = permanentAddress() ?? location;
    if (new URL(origin).hostname !== location.hostname) forgetDeviceCookie();
    await eraseBrowser(db.name);
  });
  lookWhenOnline(shop);
  hostFollowers(shop, channel);
  const root = replica.authority.recovery.sign;
  if ((await db.settings.get(rootSetting))?.value !== root)
    await store.commit({ settings: { [rootSetting]: root } }).catch(() => undefined);
  const own = replica.authority.devices.get(replica.device);
  if (own) writeDeviceCookie({ id: own.id, name: own.name });
  window.addEventListener("online", () => session.retryNow());
  document.addEventListener("visibilitychange", () => session.retryNow());
  // The card of the founding is worth nothing here once another one took its place.
  const isReplaced = replica.authority.recoveries.length > 1;
  if (isReplaced) await store.commit({ settings: { [cardSetting]: undefined } }).catch(() => {});
  const entropy = isReplaced ? undefined : readCard((await db.settings.get(cardSetting))?.value);
  const showOpen = (card: UnprovedCard) => show({ phase: "open", shop, card, pairAgain });
  const proved = () => {
    showOpen(noCard);
    void store.commit({ settings: { [cardSetting]: undefined } });
  };
  showOpen({ entropy, proved });
  void lookAtStorage({ ask: true });
}

async function personalKey(
  db: YoubeiDatabase,
  { staff }: ShopIdentity,
): Promise<{ by: string; signer: Signer } | undefined> {
  return staff === undefined
    ? undefined
    : { by: `staff:${staff}`, signer: await openSigner(db, "person-key") };
}

async function lookAtPrivacy(): Promise<Impossible | undefined> {
  return (await isPrivateWindow(navigator.storage)) ? { why: "private" } : undefined;
}

function whyNot(fault: unknown): Impossible {
  if (fault instanceof StoreFault && fault.reason === "refused") return { why: "storage" };
  if (fault instanceof StoreFault && fault.reason === "full") return { why: "full" };
  return { why: "broken", detail: fault instanceof Error ? fault.message : String(fault) };
}
