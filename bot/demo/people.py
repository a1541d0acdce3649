"""The people of the demo (DESIGN 8)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoPerson:
    handle: str
    name: str
    role: str
    language: str
    zone: str
    party: str | None = None
    organization: str | None = None


PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson("sec", "Clara Brandt", "secretariat", "en", "Europe/Vienna"),
    DemoPerson("chair", "Amadou Diarra", "chair", "fr", "Europe/Vienna"),
    DemoPerson("ke", "Wanjiru Kamau", "focal_point", "en", "Africa/Nairobi", party="KE"),
    DemoPerson("sn", "Awa Ndiaye", "focal_point", "fr", "Africa/Dakar", party="SN"),
    DemoPerson("pe", "Lucía Quispe", "focal_point", "es", "America/Lima", party="PE"),
    DemoPerson("kg", "Айгуль Асанова", "focal_point", "ru", "Asia/Bishkek", party="KG"),
    DemoPerson("tn", "سلمى بن عمار", "focal_point", "ar", "Africa/Tunis", party="TN"),
    DemoPerson("mn", "Батбаяр Оюун", "focal_point", "ru", "Asia/Ulaanbaatar", party="MN"),
    DemoPerson("fj", "Mere Vakaloloma", "focal_point", "en", "Pacific/Fiji", party="FJ"),
    DemoPerson("ci", "Kouadio Yao", "focal_point", "fr", "Africa/Abidjan", party="CI"),
    DemoPerson("donor-no", "Ingrid Solberg", "donor", "en", "Europe/Oslo", organization="Norway, development cooperation"),
    DemoPerson("donor-fr", "Hélène Marchand", "donor", "fr", "Europe/Paris", organization="France, coopération technique"),
    DemoPerson("donor-de", "Jonas Keller", "donor", "en", "Europe/Berlin", organization="Germany, international cooperation"),
    DemoPerson("igo", "刘海燕", "observer", "zh", "Europe/Vienna", organization="Regional Justice Network"),
)
"""Invented people at invented desks; `mn` writes Russian and `igo` Chinese so that all six languages have a voice."""
