// The abbreviated names of the months, as journalctl(1) prints them in the language of its user (strftime(3), %b).

/**
 * The names of each month in glibc 2.36 (`abmon` of localedata/locales/*), in small letters and without a point at the end: English, German,
 * French, Spanish, Italian, Portuguese, Dutch, Frisian, Luxembourgish, Afrikaans, Polish, Czech, Slovak, Slovenian, Croatian, Serbian,
 * Bosnian, Macedonian, Bulgarian, Swedish, Danish, Norwegian, Icelandic, Finnish, Estonian, Latvian, Lithuanian, Hungarian, Romanian, Greek,
 * Russian, Ukrainian, Belarusian, Turkish, Albanian, Galician, Basque, Occitan, Catalan, Welsh, Indonesian, Chinese, Japanese and Korean.
 * Three names are left out, because they are different months in two of these languages: `lip` (Polish July, Croatian June), `lis` (Polish and
 * Czech November, Croatian October) and `srp` (Czech August, Croatian July).
 */
const NAMES = [
  'jan jän janv ene gen sty led sij јан tammi jaan saus ian яну ιαν янв січ сту oca xan urt ion 1月 1월',
  'feb févr fév fev lut úno velj феб фев helmi veebr vas febr φεβ лют şub ots shk chw 2月 2월',
  'mär mars mar mrt bře ožu мар maalis märts kov márc μαρ бер сак maw mäe març 3月 3월',
  'apr avril avr abr kwi dub tra апр april huhti bal ápr απρ кві кра nis api pri ebr 4月 4월 d’abr',
  'mai may mag mei maj kvě máj svi мај touko maí geg май μαΐ мая тра mee maig 5月 5월',
  'jun juin giu cze čen jún јун juni kesä juuni jūn birž iun юни ιουν июн чер чэр haz xuñ eka qer meh junh juny 6月 6월',
  'jul juil jui lug čec júl јул juli heinä juuli jūl liep iul юли ιουλ июл лип ліп tem xul uzt kor gor 7月 7월',
  'aug août aoû ago sie avg kol авг elo ágú rugp αυγ сер жні ağu abu gsh agu aws ag 8月 8월 d’ag',
  'sep sept set wrz zář ruj сеп syys rugs szept σεπ сен вер eyl ira sht med 9月 9월',
  'okt oct ott out paź říj окт loka spal οκτ жов кас eki urr tet hyd 10月 10월 d’oct',
  'nov stu нов ное marras nóv lapkr νοε ноя лис ліс kas aza nën tach 11月 11월',
  'dez déc dic dec gru pro дец дек des joulu dets gruod δεκ гру сне ara abe dhj rha 12月 12월',
];

/** The names as nearly every line has them, which are found without decoding. */
const ENGLISH = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const MONTH_OF: ReadonlyMap<string, number> = new Map(
  [...NAMES, ...ENGLISH].flatMap((names, place) => names.split(' ').map((name): [string, number] => [name, place % 12])),
);

/**
 * The month (0 to 11) of an abbreviated name, in any case and with or without a point; undefined for an unknown name. The name is given as
 * the line holds it: one character for each byte of its UTF-8.
 */
export function monthOf(name: string): number | undefined {
  const month = MONTH_OF.get(name);
  if (month !== undefined) return month;
  const text = Buffer.from(name, 'latin1').toString('utf8');
  return MONTH_OF.get(text.toLowerCase().replace(/\.$/, ''));
}
