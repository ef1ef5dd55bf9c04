import type { ColumnGuess, ColumnTarget, MappingFault } from "./column-mapping.ts";
import type { DecodedText, DecodeFault } from "./decode-text.ts";
import type { RejectReason, WarningCode } from "./import-plan.ts";
import type { TableFault } from "./read-table.ts";

export type Language = "zh" | "en";
export type Message = Readonly<Record<Language, string>>;

export type ImportCode =
  | DecodeFault
  | DecodedText["warnings"][number]
  | TableFault
  | NonNullable<ColumnGuess["doubt"]>
  | MappingFault["code"]
  | RejectReason
  | WarningCode
  | "stopped";

const say = (zh: string, en: string): Message => ({ zh, en });

/** What happened and what to do about it, for every code of an import. */
export const importMessages: Readonly<Record<ImportCode, Message>> = {
  // the file
  "empty-file": say("文件是空的。请重新导出后再选择。", "The file is empty. Export it again."),
  "file-too-large": say(
    "文件超过 64 MB。请分成几个文件导入。",
    "The file is larger than 64 MB. Split it and import the parts.",
  ),
  "spreadsheet-file": say(
    "这是 Excel 文件。请先在 Excel 或 WPS 中另存为 CSV,再导入。",
    "This is an Excel file. Save it as CSV in Excel or WPS first, then import that.",
  ),
  "database-file": say(
    "这是 Access 数据库。请在旧系统中把会员和消费记录导出为 CSV。",
    "This is an Access database. Export members and purchases as CSV from the old system.",
  ),
  "web-page-file": say(
    "这个文件其实是网页表格。请用 Excel 或 WPS 打开,另存为 CSV,再导入。",
    "This file is really a web page. Open it in Excel or WPS, save it as CSV, then import that.",
  ),
  "binary-file": say(
    "这不是文本文件。请在旧系统或 Excel 中另存为 CSV,再导入。",
    "This is not a text file. Save it as CSV in the old system or Excel, then import that.",
  ),
  "unknown-encoding": say(
    "认不出文件的编码。请另存为“CSV UTF-8”,或手动选择编码。",
    'The encoding was not recognised. Save the file as "CSV UTF-8", or choose the encoding.',
  ),
  "damaged-text": say(
    "文件里有乱码。请换一种编码再看;仍是乱码,请从旧系统重新导出。",
    "Some text is garbled. Try another encoding; if it stays so, export the file again.",
  ),
  "no-rows": say(
    "文件里没有数据行。请确认导出时选中了全部记录。",
    "The file has no rows of data. Check that the export included all records.",
  ),
  "too-many-columns": say(
    "超过 200 列。请只导出需要的列。",
    "There are more than 200 columns. Export only those you need.",
  ),
  // the columns
  "top-up-list": say(
    "这像是充值记录,不是会员或消费记录。余额请从会员文件导入。",
    "This looks like a list of top-ups. Balances are imported from the members file.",
  ),
  "no-known-heading": say(
    "看不出这是什么文件。请选择类型,并指明各列。",
    "It is not clear what this file is. Choose its kind and say what the columns are.",
  ),
  "no-card-or-phone-column": say(
    "请指明哪一列是卡号或手机号。",
    "Say which column holds the card number or the phone.",
  ),
  "no-amount-column": say("请指明哪一列是消费金额。", "Say which column holds the amount."),
  "no-date-column": say("请指明哪一列是消费时间。", "Say which column holds the date."),
  "too-many-kept-columns": say(
    "要导入的列超过 40 列。请把用不到的列设为“不导入”。",
    "More than 40 columns would be imported. Set those you do not need to “leave out”.",
  ),
  "used-twice": say(
    "有两列选了同一项。请只留一列。",
    "Two columns have the same meaning. Leave only one.",
  ),
  "not-for-this-file": say(
    "这一项不适用于这种文件。请改选。",
    "This meaning does not belong to this kind of file. Choose another.",
  ),
  // the rows
  "wrong-cell-count": say(
    "这一行的列数与表头不符。请检查单元格里的逗号或换行。",
    "The row has more or fewer cells than the headings. Look for a comma or line break in a cell.",
  ),
  "quote-left-open": say(
    "引号没有成对,几行连成了一行。请改正引号。",
    "A quotation mark is not closed, so rows ran together. Correct the quotation marks.",
  ),
  "total-line": say(
    "这是旧系统的合计行,不是会员或消费记录。不用处理。",
    "This is the old system's own total. Nothing to do.",
  ),
  "no-card-or-phone": say(
    "没有卡号也没有手机号。请至少补上一项。",
    "There is neither a card number nor a phone. Add one of them.",
  ),
  "duplicate-card": say(
    "卡号与前面的会员重复。请核对后改卡号或合并。",
    "An earlier row has the same card number. Correct the number or merge the rows.",
  ),
  "already-a-member": say(
    "这位会员已经在系统里,没有重复导入。如需更正,请在会员页面修改。",
    "This member is already here and was not imported again. Make changes on the member's page.",
  ),
  "card-rounded": say(
    "卡号被 Excel 变成了科学计数。请把该列设为文本后重新导出。",
    "A spreadsheet rounded the card number. Set the column to text and export again.",
  ),
  "too-long": say("文字太长,像是串列了。请改短。", "The text is too long. Shorten it."),
  "not-a-number": say("金额不是数字。请改正。", "The amount is not a number. Correct it."),
  "too-many-decimals": say(
    "金额超过两位小数。请改为元角分。",
    "The amount has more than two decimals. Correct it to the fen.",
  ),
  "too-large": say("金额太大。请核对。", "The amount is too large. Check it."),
  "negative-balance": say(
    "余额为负。请在旧系统结清,或改为 0。",
    "The balance is negative. Settle it in the old system, or enter 0.",
  ),
  "negative-amount": say(
    "消费金额为负,像是退货。请与原消费合并成一行。",
    "The amount is negative, as of a return. Merge it with the purchase it belongs to.",
  ),
  "no-amount": say(
    "没有消费金额。请补上;没有花钱请填 0。",
    "The amount is missing. Enter it, or 0.",
  ),
  "no-date": say("没有消费日期。请补上。", "The date is missing. Enter it."),
  "not-a-date": say(
    "看不懂日期。请写成 2024-01-31 这样。",
    "The date is not understood. Write it as 2024-01-31.",
  ),
  "unknown-member": say(
    "会员文件里没有这个卡号或手机号。请核对,注意卡号前面的 0。",
    "No member in the file has this card or phone. Check it, and the zeros in front of the card.",
  ),
  "member-rejected": say(
    "这位会员自己的那一行没有导入。请先改正会员文件,再一起导入。",
    "The member's own row was not imported. Correct it, then import both together.",
  ),
  "ambiguous-phone": say(
    "几位会员共用这个手机号。请补上卡号。",
    "Several members have this phone. Add the card number.",
  ),
  "phone-rounded": say(
    "手机号被 Excel 变成了科学计数(如 1.38E+10)。请把该列设为文本后重新导出。",
    "A spreadsheet rounded the phone (as 1.38E+10). Set the column to text and export again.",
  ),
  "phone-masked": say(
    "手机号被星号遮住。请在旧系统用有权限的账号导出。",
    "The phone is masked. Export with an account that may see phones.",
  ),
  "not-a-phone": say("手机号不对。请改正。", "This is not a phone number. Correct it."),
  // the warnings
  "duplicate-phone": say(
    "几位会员共用一个手机号,都会导入。之后可以合并。",
    "Members share a phone; all are imported. They can be merged later.",
  ),
  "phone-already-a-member": say(
    "手机号与系统里的会员相同,仍会导入。之后可以合并。",
    "A member here has this phone; the row is imported all the same. They can be merged later.",
  ),
  "card-widths-differ": say(
    "卡号长短不一,前面的 0 可能丢了。请与实体卡核对。",
    "Card numbers differ in length; zeros in front may be lost. Compare with the cards.",
  ),
  "date-kept-as-text": say(
    "日期看不懂(如农历),原样保留为文字。导入后可在会员页面改。",
    "The date is not understood (a lunar one?) and is kept as text. Change it on the member's page.",
  ),
  "control-not-readable": say(
    "累计消费不是金额,无法核对,原样保留。",
    "The total spent is not an amount and cannot be compared. It is kept as text.",
  ),
  "number-rounded": say(
    "长号码末尾是 000,可能被 Excel 改过。请与原件核对。",
    "Long numbers end in 000: a spreadsheet may have rounded them. Compare with the originals.",
  ),
  "id-number-column": say(
    "文件里有证件号码。不需要就把该列设为“不导入”。",
    "The file holds ID numbers. Unless you need them, set the column to “leave out”.",
  ),
  "duplicate-receipt": say(
    "单号重复,都会导入。请确认没有把同一份记录导出两次。",
    "Receipt numbers repeat; all are imported. Make sure nothing was exported twice.",
  ),
  "name-differs": say(
    "消费记录里的姓名与会员不同。请核对卡号。",
    "The name on a purchase is not the member's. Check the card number.",
  ),
  "spent-difference": say(
    "消费记录的合计与累计消费不符。请确认消费记录导出完整。",
    "Purchases do not come to the total spent. Make sure that all of them were exported.",
  ),
  stopped: say("已停止,什么都没有导入。", "Stopped. Nothing was imported."),
};

/** Names of the meanings that a column can have. */
export const columnLabels: Readonly<Record<ColumnTarget, Message>> = {
  keep: say("保留原样", "Keep as it is"),
  ignore: say("不导入", "Leave out"),
  card: say("卡号", "Card number"),
  name: say("姓名", "Name"),
  phone: say("手机号", "Phone"),
  gender: say("性别", "Gender"),
  birthday: say("生日", "Birthday"),
  address: say("地址", "Address"),
  wechat: say("微信号", "WeChat"),
  note: say("备注", "Note"),
  balance: say("余额(本金)", "Balance (principal)"),
  bonusBalance: say("赠送余额", "Bonus balance"),
  spent: say("累计消费", "Total spent"),
  points: say("积分", "Points"),
  totalPoints: say("累计积分", "Total points earned"),
  level: say("等级", "Level"),
  cardType: say("卡类型", "Card type"),
  storeLabel: say("所在店铺", "Store"),
  openedOn: say("开卡日期", "Opened on"),
  validUntil: say("有效期至", "Valid until"),
  serial: say("序号", "Row number"),
  receipt: say("单号", "Receipt number"),
  amount: say("消费金额", "Amount"),
  at: say("消费时间", "Date and time"),
  quantity: say("数量", "Quantity"),
  tender: say("支付方式", "Paid by"),
  operator: say("操作员", "Operator"),
};
