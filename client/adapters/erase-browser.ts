const ours = "youbei";

/** Erases everything that this browser keeps of us under this origin: databases, settings, the stored app. */
export async function eraseBrowser(databaseName: string): Promise<void> {
  const known = indexedDB.databases ? await indexedDB.databases() : [];
  const names = known.flatMap(({ name }) => (name?.startsWith(ours) ? [name] : []));
  for (const name of new Set([...names, databaseName])) await eraseDatabase(name);
  for (const name of Object.keys(localStorage))
    if (name.startsWith(ours)) localStorage.removeItem(name);
  for (const name of await caches.keys()) await caches.delete(name);
  for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
}

function eraseDatabase(name: string): Promise<void> {
  return new Promise((resolve, fail) => {
    const asked = indexedDB.deleteDatabase(name);
    asked.onsuccess = () => resolve();
    asked.onerror = () => fail(asked.error);
    asked.onblocked = () => fail(new Error("another tab holds the data"));
  });
}
