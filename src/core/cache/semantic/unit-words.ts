// Units of numbers under one name each, however they are written.

const spellings: Readonly<Record<string, string>> = {
  "%": "% percent pct prozent",
  dollar: "$ dollar dollars bucks",
  usd: "USD US$",
  euro: "€ euro euros EUR",
  pound: "£",
  gbp: "GBP",
  yen: "¥ yen JPY",
  rupee: "₹ rupee rupees INR",
  cent: "cent cents ¢",
  km: "km kilometer kilometers kilometre kilometres",
  m: "m meter meters metre metres",
  cm: "cm centimeter centimeters centimetre centimetres",
  mm: "mm millimeter millimeters millimetre millimetres",
  mile: "mile miles mi",
  foot: "foot feet ft",
  inch: "inch inches",
  yard: "yard yards yd",
  kg: "kg kgs kilogram kilograms kilo kilos",
  g: "g gram grams",
  mg: "mg milligram milligrams",
  lb: "lb lbs pounds",
  ounce: "oz ounce ounces",
  ton: "ton tons tonne tonnes",
  liter: "l L liter liters litre litres",
  ml: "ml mL milliliter milliliters millilitre millilitres",
  gallon: "gallon gallons gal",
  cup: "cup cups",
  ms: "ms millisecond milliseconds",
  second: "s sec secs seconds second",
  minute: "min mins minute minutes",
  hour: "h hr hrs hour hours",
  day: "day days",
  week: "week weeks",
  month: "month months",
  year: "year years yr yrs",
  century: "century centuries",
  byte: "byte bytes B",
  kb: "KB kB kilobyte kilobytes",
  mb: "MB megabyte megabytes",
  gb: "GB gigabyte gigabytes",
  tb: "TB terabyte terabytes",
  bit: "bit bits",
  hz: "Hz hertz",
  mhz: "MHz megahertz",
  ghz: "GHz gigahertz",
  watt: "W watt watts",
  kw: "kW kilowatt kilowatts",
  mw: "MW megawatt megawatts",
  milliwatt: "mW milliwatt milliwatts",
  kwh: "kWh",
  volt: "V volt volts",
  ampere: "A amp amps ampere amperes",
  celsius: "°C celsius",
  fahrenheit: "°F fahrenheit",
  degree: "° degree degrees",
  kelvin: "kelvin",
  calorie: "calorie calories cal",
  kcal: "kcal",
  joule: "J joule joules",
  mph: "mph",
  kmh: "km/h kmh kph",
  am: "am AM a.m",
  pm: "pm PM p.m",
  person: "people persons person",
};

export interface UnitWords {
  /** As it is written: `mW` is not `MW`. Long names in any case. */
  nameOf(word: string): string | undefined;
}

export const unitWords: UnitWords = (() => {
  const names = new Map(
    Object.entries(spellings).flatMap(([name, words]) =>
      words.split(" ").map((word) => [word, name] as const),
    ),
  );
  return {
    nameOf: (word) => names.get(word) ?? (word.length > 3 ? names.get(word.toLowerCase()) : undefined),
  };
})();

const months = "january february march april may june july august september october november december".split(
  " ",
);

/** Undefined for `may`, which may be none, unless it is written large. */
export function monthOf(word: string): string | undefined {
  const lower = word.toLowerCase();
  if (lower === "may" && word === lower) return undefined;
  return months.find((month) => month === lower || (lower.length === 3 && month.startsWith(lower)));
}
