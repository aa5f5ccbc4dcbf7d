"""The sections of Norway's standard industrial classification, to sort partners by what they work with.

Source: Statistics Norway (SSB), Standard for næringsgruppering (SN2007), which is NACE Rev. 2 with a fifth digit; names
as in SSB's classification number 6 in bokmål, nynorsk and English. A section is a range of divisions, and a division is
the first two digits of a code ("28.990" is division 28, section C). The classification of 2025 (NACE Rev. 2.1) has
other ranges under the same letters, so a code counts only together with its revision.
"""

from __future__ import annotations

from dataclasses import dataclass

REVISION = "SN2007"


@dataclass(frozen=True)
class Section:
    """A section: its letter, first and last division, and its names."""

    code: str
    first: int
    last: int
    name_nb: str
    name_nn: str
    name_en: str

    @property
    def divisions(self) -> list[str]:
        """The divisions as two digits, also those that are not in use."""
        return [f"{number:02d}" for number in range(self.first, self.last + 1)]


# fmt: off
SECTIONS = [
    Section("A", 1, 3, "Jordbruk, skogbruk og fiske", "Jordbruk, skogbruk og fiske",
            "Agriculture, forestry and fishing"),
    Section("B", 5, 9, "Bergverksdrift og utvinning", "Bergverksdrift og utvinning", "Mining and quarrying"),
    Section("C", 10, 33, "Industri", "Industri", "Manufacturing"),
    Section("D", 35, 35, "Elektrisitets-, gass-, damp- og varmtvannsforsyning",
            "Elektrisitets-, gass-, damp- og varmtvassforsyning",
            "Electricity, gas, steam and air conditioning supply"),
    Section("E", 36, 39, "Vannforsyning, avløps- og renovasjonsvirksomhet",
            "Vassforsyning, avløps- og renovasjonsverksemd",
            "Water supply, sewerage, waste management and remediation activities"),
    Section("F", 41, 43, "Bygge- og anleggsvirksomhet", "Byggje- og anleggsverksemd", "Construction"),
    Section("G", 45, 47, "Varehandel, reparasjon av motorvogner", "Varehandel, reparasjon av motorvogner",
            "Wholesale and retail trade, repair of motor vehicles and motorcycles"),
    Section("H", 49, 53, "Transport og lagring", "Transport og lagring", "Transportation and storage"),
    Section("I", 55, 56, "Overnattings- og serveringsvirksomhet", "Overnattings- og serveringsverksemd",
            "Accommodation and food service activities"),
    Section("J", 58, 63, "Informasjon og kommunikasjon", "Informasjon og kommunikasjon",
            "Information and communication"),
    Section("K", 64, 66, "Finansierings- og forsikringsvirksomhet", "Finansierings- og forsikringsverksemd",
            "Financial and insurance activities"),
    Section("L", 68, 68, "Omsetning og drift av fast eiendom", "Omsetning og drift av fast eigedom",
            "Real estate activities"),
    Section("M", 69, 75, "Faglig, vitenskapelig og teknisk tjenesteyting",
            "Fagleg, vitskapleg og teknisk tenesteyting", "Professional, scientific and technical activities"),
    Section("N", 77, 82, "Forretningsmessig tjenesteyting", "Forretningsmessig tenesteyting",
            "Administrative and support service activities"),
    Section("O", 84, 84, "Offentlig administrasjon og forsvar, og trygdeordninger underlagt offentlig forvaltning",
            "Offentleg administrasjon og forsvar, og trygdeordningar underlagde offentleg forvalting",
            "Public administration and defence, compulsory social security"),
    Section("P", 85, 85, "Undervisning", "Undervisning", "Education"),
    Section("Q", 86, 88, "Helse- og sosialtjenester", "Helse- og sosialtenester",
            "Human health and social work activities"),
    Section("R", 90, 93, "Kulturell virksomhet, underholdning og fritidsaktiviteter",
            "Kulturell verksemd, underhaldning og fritidsaktivitetar", "Arts, entertainment and recreation"),
    Section("S", 94, 96, "Annen tjenesteyting", "Anna tenesteyting", "Other service activities"),
    Section("T", 97, 98, "Lønnet arbeid i private husholdninger", "Lønt arbeid i private hushald",
            "Activities of households as employers"),
    Section("U", 99, 99, "Internasjonale organisasjoner og organer", "Internasjonale organisasjonar og organ",
            "Activities of extraterritorial organisations and bodies"),
]
# fmt: on
BY_CODE = {section.code: section for section in SECTIONS}
BY_DIVISION = {division: section for section in SECTIONS for division in section.divisions}


def section_of(sector_code: str, revision: str = REVISION) -> Section | None:
    """Return the section of a sector code ("28.990"), or None for an empty, unknown or differently counted one."""
    return BY_DIVISION.get(sector_code[:2]) if revision == REVISION else None
