import { ActionIcon, NativeSelect, Table } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import {
  type ColumnTarget,
  checkMapping,
  isField,
} from "../../../shared/imports/column-mapping.ts";
import { type TextEncoding, textEncodings } from "../../../shared/imports/decode-text.ts";
import { type FileKind, headingsOf } from "../../../shared/imports/import-fields.ts";
import { columnLabels, importMessages } from "../../../shared/imports/import-messages.ts";
import { Icon } from "../../ui/icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { usePreferences } from "../../ui/preferences.ts";
import classes from "./import.module.css";
import { asKind, type ReadFile, readAgain } from "./read-file.ts";

/** One file: what it is, and what its columns mean; everything can be corrected. */
export function FileCard({
  file,
  onChange,
  onRemove,
}: {
  file: ReadFile;
  onChange: (file: ReadFile) => void;
  onRemove: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const faults = file.kind ? checkMapping(file.kind, file.mapping) : [];
  return (
    <section className={`sheet ${classes.file}`} aria-label={file.name}>
      <header className={classes.fileHead}>
        <Icon name="ledger" />
        <span className={classes.fileName}>
          <strong>{file.name}</strong>
          <span className="caption">{t("imports.rows", { n: file.table.rows.length })}</span>
        </span>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={44}
          aria-label={`${t("imports.removeFile")} ${file.name}`}
          onClick={onRemove}
        >
          <Icon name="close" />
        </ActionIcon>
      </header>
      <div className={classes.fileOptions}>
        <NativeSelect
          label={t("imports.kind")}
          value={file.kind ?? ""}
          onChange={(event) => onChange(asKind(file, event.currentTarget.value as FileKind))}
          data={[
            ...(file.kind ? [] : [{ value: "", label: "—" }]),
            { value: "members", label: t("imports.kindMembers") },
            { value: "purchases", label: t("imports.kindPurchases") },
          ]}
        />
        <NativeSelect
          label={t("imports.encoding")}
          value={file.encoding}
          onChange={(event) => {
            const again = readAgain(file, event.currentTarget.value as TextEncoding);
            if (again.ok) onChange(again.value);
          }}
          data={textEncodings.map((value) => ({ value, label: value.toUpperCase() }))}
        />
      </div>
      {file.doubt && <Notice tone="warning">{importMessages[file.doubt][language]}</Notice>}
      {file.damaged && <Notice tone="bad">{importMessages["damaged-text"][language]}</Notice>}
      {faults.map((fault) => (
        <Notice key={`${fault.code} ${"field" in fault ? fault.field : ""}`} tone="bad" live>
          {"field" in fault && `${columnLabels[fault.field][language]}: `}
          {importMessages[fault.code][language]}
        </Notice>
      ))}
      {file.kind && <Columns file={file} kind={file.kind} onChange={onChange} />}
    </section>
  );
}

function Columns({
  file,
  kind,
  onChange,
}: {
  file: ReadFile;
  kind: FileKind;
  onChange: (file: ReadFile) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const targets: ColumnTarget[] = [
    ...(Object.keys(headingsOf(kind)) as ColumnTarget[]),
    "keep",
    "ignore",
  ];
  const choices = targets
    .filter((target) => target !== "serial")
    .map((value) => ({ value, label: columnLabels[value][language] }));
  return (
    <details className={classes.columns}>
      <summary>
        {t("imports.columns")} <span className="caption">{t("imports.columnsNote")}</span>
      </summary>
      <Table.ScrollContainer minWidth={420}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("imports.heading")}</Table.Th>
              <Table.Th>{t("imports.sample")}</Table.Th>
              <Table.Th>{t("imports.meaning")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {file.table.headings.map((heading, column) => {
              const target = file.mapping[column] ?? "keep";
              return (
                <Table.Tr key={heading}>
                  <Table.Td className={classes.cell}>{heading}</Table.Td>
                  <Table.Td className={classes.cell}>{sampleOf(file, column)}</Table.Td>
                  <Table.Td>
                    <NativeSelect
                      size="md"
                      aria-label={`${t("imports.meaning")}: ${heading}`}
                      value={target}
                      data-plain={!isField(target) || undefined}
                      data={choices}
                      onChange={(event) => {
                        const chosen = event.currentTarget.value as ColumnTarget;
                        onChange({ ...file, mapping: { ...file.mapping, [column]: chosen } });
                      }}
                    />
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}

/** The first cell that says anything. */
const sampleOf = ({ table }: ReadFile, column: number): string =>
  table.rows.find(({ cells }) => cells[column])?.cells[column]?.slice(0, 40) ?? "";
