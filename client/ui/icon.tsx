import type { ReactNode } from "react";

const shapes = {
  search: <path d="M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm4.7-1.8L20 20" />,
  plus: <path d="M12 5v14M5 12h14" />,
  "new-member": (
    <path d="M10 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 9c.5-4 3.4-6 7-6 1.3 0 2.5.3 3.5.8M18 14v7m-3.5-3.5h7" />
  ),
  person: <path d="M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6" />,
  people: (
    <path d="M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6.5 9c.5-3.6 3-5.5 6.5-5.5s6 1.9 6.5 5.5M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.8c2 .7 3.2 2.5 3.5 5.2" />
  ),
  till: <path d="M4 10h16l1 9.5H3L4 10Zm3 0V4h10v6M7 14h.01M11 14h.01M15 14h2M3 19.5h18" />,
  today: <path d="M5 5.5h14v15H5v-15Zm0 5h14M8.5 3v4M15.5 3v4M9 15.5l2 2 4-4" />,
  settings: (
    <path d="M4 7h9m5 0h2M4 17h3m5 0h8M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM9.5 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z" />
  ),
  back: <path d="M14.5 5 8 12l6.5 7" />,
  next: <path d="m9.5 5 6.5 7-6.5 7" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  undo: <path d="M8.5 5 4 9.5 8.5 14M4 9.5h10a5.5 5.5 0 0 1 0 11h-3" />,
  print: <path d="M7 8.5V3.5h10v5M7 17H4V8.5h16V17h-3M7 13.5h10v7H7v-7Z" />,
  "top-up": (
    <path d="M3.5 7.5h15a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-15v-12Zm0 0V6a2 2 0 0 1 2-2H16v3.5M12 10.5v6m-3-3h6" />
  ),
  charge: <path d="M3.5 6.5h17v11h-17v-11Zm0 3.5h17M7 14h4" />,
  ledger: (
    <path d="M5 3.5h12a2 2 0 0 1 2 2v15H7a2 2 0 0 1-2-2v-15Zm0 15a2 2 0 0 1 2-2h12M9 8h6M9 11.5h6" />
  ),
  device: <path d="M6 3.5h12v17H6v-17Zm4.5 14.5h3" />,
  server: <path d="M4 4.5h16v6H4v-6Zm0 9h16v6H4v-6ZM7.5 7.5h.01M7.5 16.5h.01M11 7.5h5M11 16.5h5" />,
  copies: <path d="M8 8h12v12H8V8Zm-4 8V4h12" />,
  online: (
    <path d="M12 19h.01M8.5 15.5a5 5 0 0 1 7 0M5.5 12a9.5 9.5 0 0 1 13 0M2.5 8.5a14 14 0 0 1 19 0" />
  ),
  offline: (
    <path d="M12 19h.01M8.5 15.5a5 5 0 0 1 5-1.3M5.5 12a9.5 9.5 0 0 1 3-2M2.5 8.5A14 14 0 0 1 6 6.3M10.5 5.1a14 14 0 0 1 11 3.4M14.5 9.5a9.5 9.5 0 0 1 4 2.5M4 3l16 17" />
  ),
  upload: <path d="M12 16V4.5M7 9l5-5 5 5M4 15v4.5h16V15" />,
  download: <path d="M12 4v11.5M7 11l5 5 5-5M4 16v3.5h16V16" />,
  warning: <path d="M12 4 2.5 20h19L12 4Zm0 6v4.5M12 17.3h.01" />,
  info: <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v5.5M12 7.7h.01" />,
  backspace: <path d="M8.5 5.5H21v13H8.5L2.5 12l6-6.5Zm3.5 4 5 5m0-5-5 5" />,
  keyboard: <path d="M2.5 6.5h19v11h-19v-11ZM6 10h.01M10 10h.01M14 10h.01M18 10h.01M7.5 14h9" />,
  store: (
    <path d="M4 10v10h16V10M3 7l1.5-3.5h15L21 7v1.5a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0V7Zm7 13v-5.5h4V20" />
  ),
  qr: (
    <path d="M4 4h6v6H4V4Zm10 0h6v6h-6V4ZM4 14h6v6H4v-6Zm10 0h2.5v2.5H14V14Zm3.5 3.5H20V20h-2.5v-2.5ZM20 14v1M14 19.5V20" />
  ),
  edit: <path d="m4 20 1-4.5L16 4.5l3.5 3.5L8.5 19 4 20ZM13.5 7l3.5 3.5" />,
  card: <path d="M3 6h18v12H3V6Zm0 4h18" />,
  sun: (
    <path d="M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4" />
  ),
  language: (
    <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c5 5.5 5 12.5 0 18M12 3c-5 5.5-5 12.5 0 18" />
  ),
  shield: (
    <path d="M12 3c-2.5 1.6-5 2.3-8 2.5V11c0 5 3 8.3 8 10 5-1.7 8-5 8-10V5.5C17 5.3 14.5 4.6 12 3Zm-3.5 9 2.5 2.5 4.5-5" />
  ),
  clock: <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5.5l3.5 2" />,
} as const;

export type IconName = keyof typeof shapes;

/** Line icons, drawn for this app; they say nothing to a screen reader, their button does. */
export function Icon({ name, size = 24 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flex: "none" }}
    >
      {shapes[name]}
    </svg>
  );
}
