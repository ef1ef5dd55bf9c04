/** `138 1234 5678`, so that the last four stand apart; other numbers as they are. */
export const spacedPhone = (phone: string): string =>
  /^1\d{10}$/.test(phone) ? `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}` : phone;
