/** `engines` in package.json only warns; this says what to do and stops. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(
    `有备 needs Node 20.19 or newer, this is ${process.versions.node}. ` +
      "请安装新版 Node.js：https://nodejs.org\n",
  );
  process.exit(1);
}
