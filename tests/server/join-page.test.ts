import { expect, test } from "vitest";
import { ask, elsewhere, inShop, makeOwnFiles, turnOn } from "./https-harness.ts";
import { scratchFolder, startFoundedServer, startTestServer } from "./server-harness.ts";

test("the join page hands out the authority and what to compare; it has no script in it and escapes [HT11]", async () => {
  const server = await startFoundedServer(await scratchFolder(), inShop());
  const { ca } = await turnOn(server);
  const fingerprint = server.server.https.standing.authority?.facts.fingerprint ?? "";
  const from = elsewhere;
  const page = await ask(`${server.url}/join`, { from, headers: { "accept-language": "zh-CN" } });
  expect(page.status).toBe(200);
  for (const line of fingerprint.match(/([0-9A-F]{2}:){7}[0-9A-F]{2}/g) ?? [])
    expect(page.text).toContain(line);
  expect(page.text).toContain("<svg");
  expect(page.text).not.toMatch(/<script[^>]*>[^<]/);
  expect(page.text).not.toMatch(/\son[a-z]+=|\sstyle=|<style/);
  expect(String(page.headers["content-security-policy"])).toMatch(
    /default-src 'none'.*script-src 'self'/,
  );
  const crt = await ask(`${server.url}/join/root.crt`, { from });
  expect(crt.headers).toMatchObject({
    "content-type": "application/x-x509-ca-cert",
    "content-disposition": 'attachment; filename="youbei-root.crt"',
  });
  const profile = await ask(`${server.url}/join/root.mobileconfig`, { from });
  expect(profile.headers["content-type"]).toBe("application/x-apple-aspen-config");
  const der = /<data>([\s\S]+?)<\/data>/.exec(profile.text)?.[1]?.replace(/\s/g, "");
  expect(der).toBe(ca.replace(/-----[A-Z ]+-----|\s/g, ""));
  const odd = await ask(`${server.url}/join?device=%22%3E%3Cxyz&lang=%3Cxyz%3E`, { from });
  expect(odd.text).not.toContain("xyz");
});

const agents = {
  android: "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36",
  ios: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604.1",
  windows: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130 Safari/537.36",
  mac: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15",
};

test.each(Object.entries(agents))(
  "the join page knows %s by what its browser says, and shows the others a tap away [HT11]",
  async (device, agent) => {
    const server = await startTestServer(await scratchFolder(), inShop());
    await turnOn(server);
    const headers = { "user-agent": agent, "accept-language": "en-GB,en" };
    const { text } = await ask(`${server.url}/join`, { headers });
    expect(text).toContain('<html lang="en">');
    expect(text).toMatch(new RegExp(`data-device="${device}" aria-current="true"`));
    expect(text).toContain(device === "ios" ? "/join/root.mobileconfig" : "/join/root.crt");
    for (const other of Object.keys(agents)) {
      const chosen = await ask(`${server.url}/join?device=${other}&lang=zh`, { headers });
      expect(chosen.text).toMatch(new RegExp(`data-device="${other}" aria-current="true"`));
      expect(chosen.text).toContain('<html lang="zh-CN">');
      expect(text).toContain(`/join?device=${other}&amp;lang=en#steps`);
    }
  },
);

test("with certificate files of the owner's own there is nothing to trust, and nothing is handed out [HT11]", async () => {
  const server = await startTestServer(await scratchFolder(), inShop());
  expect((await ask(`${server.url}/join`)).headers["location"]).toBe("/");
  await server.server.https.use(await makeOwnFiles(await scratchFolder()));
  await server.server.address.choose("https://shop.example");
  const { text } = await ask(`${server.url}/join`);
  expect(text).toContain('href="https://shop.example/"');
  expect(text).not.toContain("root.crt");
  for (const file of ["root.crt", "root.mobileconfig"])
    expect((await ask(`${server.url}/join/${file}`)).status, file).toBe(404);
});
