import type { ReactNode } from "react";

const rods = [24, 44, 64, 84, 104, 124] as const;
/** how many beads of each rod stand at the beam: 有备 counts 2 3 5 7 0 1 */
const raised = [2, 3, 0, 2, 0, 1] as const;
const fives = [false, false, true, true, false, false] as const;

/** The shop's old computer, for pages that have nothing to show yet. */
export function Abacus({ width = 148 }: { width?: number }): ReactNode {
  return (
    <svg viewBox="0 0 148 104" width={width} aria-hidden="true" focusable="false">
      <g fill="none" stroke="var(--rule-strong)" strokeWidth="3">
        <rect x="6" y="6" width="136" height="92" rx="9" />
        <path d="M6 38h136" strokeWidth="4" />
        {rods.map((x) => (
          <path key={x} d={`M${x} 7v90`} strokeWidth="1.5" />
        ))}
      </g>
      {rods.map((x, rod) => (
        <g key={x}>
          <Bead x={x} y={fives[rod] ? 30 : 15} counted={fives[rod] ?? false} />
          {[0, 1, 2, 3].map((bead) => {
            const counted = bead < (raised[rod] ?? 0);
            return (
              <Bead key={bead} x={x} y={(counted ? 46 : 58) + bead * 10.5} counted={counted} />
            );
          })}
        </g>
      ))}
    </svg>
  );
}

const Bead = ({ x, y, counted }: { x: number; y: number; counted: boolean }): ReactNode => (
  <path
    d={`M${x - 8.5} ${y}l4-4.6h9l4 4.6-4 4.6h-9z`}
    fill={counted ? "var(--jade)" : "var(--sheet)"}
    stroke={counted ? "var(--jade)" : "var(--rule-strong)"}
    strokeWidth="1.5"
    strokeLinejoin="round"
  />
);
