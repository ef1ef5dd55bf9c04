import { expect, test } from "vitest";
import { inAppBrowser } from "../../client/journeys/not-possible/environment.ts";

test.each([
  ["Mozilla/5.0 (iPhone) AppleWebKit MicroMessenger/8.0.50 NetType/WIFI", "微信"],
  ["Mozilla/5.0 (Linux; Android 14) QQ/9.1.0 V1_AND", "QQ"],
  ["Mozilla/5.0 (Linux; Android 14) AliApp AlipayClient/10.5", "支付宝"],
  ["Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", undefined],
  ["Mozilla/5.0 (Linux; Android 14) Chrome/130.0 MQQBrowser/15.0 Mobile", undefined],
])("%s is the browser inside %s", (userAgent, app) => {
  expect(inAppBrowser(userAgent)).toBe(app);
});
