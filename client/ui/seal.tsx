import type { ReactNode } from "react";

/** 有备 as a seal in cinnabar: the mark of the app inside the app. */
export const Seal = ({ size }: { size: number }): ReactNode => (
  <svg viewBox="0 0 40 40" width={size} height={size} aria-hidden="true" focusable="false">
    <rect x="1" y="1" width="38" height="38" rx="8" fill="#a93422" />
    <rect
      x="4"
      y="4"
      width="32"
      height="32"
      rx="5.5"
      fill="none"
      stroke="#fff"
      strokeOpacity=".55"
    />
    <text
      x="20"
      y="26.5"
      textAnchor="middle"
      fontSize="15"
      fontWeight="700"
      fill="#fff"
      fontFamily='"Songti SC","STSong","Noto Serif CJK SC","SimSun",serif'
      letterSpacing="-.5"
    >
      有备
    </text>
  </svg>
);
