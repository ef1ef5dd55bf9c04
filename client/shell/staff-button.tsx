import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { roleNow } from "../../shared/access/authority-state.ts";
import { useStaffAtTill } from "../shop/staff-at-till.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Row, Rows } from "../ui/row.tsx";
import classes from "./shell.module.css";

/** Who is at the till; it is written on everything that is done. */
export function StaffButton(): ReactNode {
  const { t } = useTranslation();
  const { current, everybody, choose } = useStaffAtTill();
  // A device that several people use asks once who they are; it stays so until somebody changes it.
  const [open, setOpen] = useState(current === undefined && everybody.length > 1);
  return (
    <>
      <button
        type="button"
        className={classes.chip}
        data-tone={current ? undefined : "away"}
        aria-label={current ? t("header.staff", { name: current.name }) : t("header.chooseStaff")}
        onClick={() => setOpen(true)}
      >
        <Icon name="person" size={22} />
        <span className={classes.name}>{current?.name ?? t("header.chooseStaff")}</span>
      </button>
      <Dialog opened={open} onClose={() => setOpen(false)} title={t("header.chooseStaffTitle")}>
        <p className="soft" style={{ marginTop: 0 }}>
          {t("header.chooseStaffNote")}
        </p>
        <Rows>
          {everybody.map((person) => (
            <Row
              key={person.id}
              icon="person"
              title={person.name}
              note={t(`roles.${roleNow(person) ?? "cashier"}`)}
              end={person.id === current?.id ? <Icon name="check" /> : undefined}
              onPress={() => {
                choose(person.id);
                setOpen(false);
              }}
            />
          ))}
        </Rows>
      </Dialog>
    </>
  );
}
