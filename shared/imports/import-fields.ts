export type FileKind = "members" | "purchases";

export type MemberField =
  | "card"
  | "name"
  | "phone"
  | "gender"
  | "birthday"
  | "address"
  | "wechat"
  | "note"
  | "balance"
  | "bonusBalance"
  | "spent"
  | "points"
  | "totalPoints"
  | "level"
  | "cardType"
  | "storeLabel"
  | "openedOn"
  | "validUntil"
  | "serial";

export type PurchaseField =
  | "card"
  | "phone"
  | "name"
  | "receipt"
  | "amount"
  | "at"
  | "quantity"
  | "tender"
  | "operator"
  | "note";

export type FieldName = MemberField | PurchaseField;

/**
 * Headings by field, the most trusted first: where a file has two headings for one field, the earlier
 * wins and the other column is kept as it is. `hykh` and its like are the columns of the 美萍 database.
 */
const memberHeadings: Readonly<Record<MemberField, readonly string[]>> = {
  serial: ["序号", "行号", "serial"],
  card: words("会员卡号 卡号 会员号 会员编号 会员卡 编号 hykh card cardno cardnumber memberno"),
  name: words("会员姓名 姓名 会员名称 名称 会员名 客户姓名 hyxm name membername"),
  phone: words(
    "手机号码 手机号 手机 会员手机 移动电话 联系方式 联系电话 电话号码 电话 yddh mobile phone tel",
  ),
  gender: words("性别 xb gender sex"),
  birthday: words("会员生日 出生日期 生日 csrq birthday"),
  address: words("收货地址 联系地址 家庭住址 地址 住址 lxdz address"),
  wechat: words("微信号 微信 wechat"),
  note: words("备注 会员备注 备注信息 bzxx bz note notes remark"),
  balance: words(
    "本金余额 本金 余额 储值余额 帐户余额 账户余额 卡内余额 卡内金额 剩余金额 充值余额 会员余额 knje balance",
  ),
  bonusBalance: words("赠金余额 赠送余额 赠金 赠送金额 赠送 bonus bonusbalance"),
  spent: words("累计消费 累计消费金额 累计消费额 消费总额 总消费 hyje spent totalspent"),
  points: words("积分 会员积分 积分余额 可用积分 剩余积分 当前积分 hyjf points"),
  totalPoints: words("累计积分 总积分 历史积分 totalpoints"),
  level: words("等级 会员等级 级别 会员级别 卡级别 kmc 会员类型 卡类型 level"),
  cardType: words("类型 卡类型 会员类型 卡类别 klxmc klx cardtype type"),
  storeLabel: words("所在店铺 所属店铺 所属门店 开卡店铺 开卡门店 店铺 门店 store shop"),
  openedOn: words(
    "开卡日期 办卡日期 登记日期 注册日期 入会日期 加入日期 开卡时间 办卡时间 注册时间 登记时间 jrrq 日期 openedon joined",
  ),
  validUntil: words("有效期 有效期至 到期日期 到期时间 过期日期 validuntil expires"),
};

const purchaseHeadings: Readonly<Record<PurchaseField, readonly string[]>> = {
  receipt: words("单号 消费单号 订单号 流水号 小票号 交易号 fdid receipt orderno"),
  card: memberHeadings.card,
  phone: memberHeadings.phone,
  name: [...memberHeadings.name, "会员"],
  amount: words(
    "实收金额 实付金额 实收 实付 打折后金额 折后金额 dzhje 消费金额 金额 消费额 xfje amount total",
  ),
  at: words("消费时间 消费日期 交易时间 交易日期 下单时间 时间 日期 xfrq time date"),
  quantity: words("数量 件数 quantity qty"),
  tender: words("支付方式 付款方式 结算方式 收款方式 tender payment"),
  operator: words("操作员 操作人 经手人 收银员 czy operator cashier"),
  note: memberHeadings.note,
};

/** The columns that our own rejects file puts first; read again, they are nothing to keep. */
export const rejectHeadings = {
  row: { zh: "原文件行号", en: "Row in the file" },
  reason: { zh: "未导入原因", en: "Why it was not imported" },
} as const;

export const headingsOf = (kind: FileKind): Readonly<Record<string, readonly string[]>> =>
  kind === "members" ? memberHeadings : purchaseHeadings;

/** `手机号（必填）`, `* 手机号：`, `手机号 ` → `手机号` */
export const headingKey = (heading: string): string =>
  heading
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\([^)]*\)|[\s*:_.'"-]/g, "");

const known = new Set(
  [...Object.values(memberHeadings), ...Object.values(purchaseHeadings)].flat(),
);

export const isKnownHeading = (heading: string): boolean => known.has(headingKey(heading));

function words(text: string): readonly string[] {
  return text.split(" ");
}
