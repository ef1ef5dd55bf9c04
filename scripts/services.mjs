import { installPackages, isExecutable, mayInstallServices } from "./debian.mjs";

/**
 * Real servers that the tests of backups' targets start by themselves, tools that open what we seal, and
 * Debian's packages for them.
 */
const servers = [
  { program: "/usr/sbin/apache2", packages: ["apache2-bin"] },
  { program: "/usr/bin/rclone", packages: ["rclone"] },
  { program: "/usr/sbin/sshd", packages: ["openssh-server"] },
  {
    program: "/usr/bin/swift-proxy-server",
    packages: ["swift-proxy", "swift-account", "swift-container", "swift-object"],
  },
  { program: "/usr/bin/memcached", packages: ["memcached"] },
  { program: "/usr/bin/openssl", packages: ["openssl"] },
  { program: "/usr/bin/curl", packages: ["curl"] },
  { program: "/usr/bin/age", packages: ["age"] },
];

/**
 * Installs what is missing, where that is possible. Without them their tests are skipped, by name.
 * @returns {Promise<void>} when it is done; it never fails
 */
export async function ensureServices() {
  const missing = servers.filter(({ program }) => !isExecutable(program));
  if (missing.length > 0 && mayInstallServices())
    await installPackages(missing.flatMap(({ packages }) => packages));
}
