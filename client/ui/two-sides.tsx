import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Money } from "./money.tsx";
import classes from "./two-sides.module.css";

/** What one side holds; amounts in fen. */
interface Side {
  members: number;
  operations: number;
  principal: number;
  bonus: number;
}

/** A device's and a server's counts and sums, side by side. */
export function TwoSides({
  device,
  server,
}: {
  /** undefined where nobody knows what the device holds */
  device?: Side | undefined;
  server: Side;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const rows = [
    { name: "members", show: (side: Side) => side.members },
    { name: "operations", show: (side: Side) => side.operations },
    { name: "principal", show: (side: Side) => <Money fen={side.principal} /> },
    { name: "bonus", show: (side: Side) => <Money fen={side.bonus} /> },
  ] as const;
  return (
    <div className="sheet">
      <table className={classes.table}>
        <thead>
          <tr>
            <th aria-label={tell("refill.what")} />
            {device && <th scope="col">{tell("refill.device")}</th>}
            <th scope="col">{tell("refill.server")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, show }) => (
            <tr key={name}>
              <th scope="row">{tell(`refill.${name}`)}</th>
              {device && <td className="num">{show(device)}</td>}
              <td className="num" data-same={device && device[name] === server[name]}>
                {show(server)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
