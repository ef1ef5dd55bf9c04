import { Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { roleNow } from "../../shared/access/authority-state.ts";
import { useStaffAtTill } from "../shop/staff-at-till.ts";
import { Icon } from "../ui/icon.tsx";
import { Row, Rows } from "../ui/row.tsx";
import classes from "./shell.module.css";

/** Who is at the till; it is written on everything that is done. */
export function StaffButton(): ReactNode {
  const { t } = useTranslation();
  const { current, everybody, choose } = useStaffAtTill();
  const [open, setOpen] = useState(false);
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
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t("header.chooseStaffTitle")}
        closeButtonProps={{ "aria-label": t("common.close"), size: 44 }}
      >
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
      </Modal>
    </>
  );
}
