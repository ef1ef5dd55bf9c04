/** Offers a text as a file. */
export function downloadText(name: string, text: string): void {
  downloadFile(name, new Blob([text], { type: "text/csv;charset=utf-8" }));
}

export function downloadFile(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
