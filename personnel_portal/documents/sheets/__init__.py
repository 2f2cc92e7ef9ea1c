"""Sheets: reading xlsx, ods and csv, and writing long lists to them.

rows = sheets.read(upload)
for line in sheets.table(rows, {"name": ("姓名",), "agency": ("機關名稱", "服務機關")}): …
return sheets.response("ods", "分區名冊", [Column("機關", 24), "人數"], rows)
"""

from personnel_portal.documents.confined import UnreadableFileError
from personnel_portal.documents.sheets.blank import Blank, Entry, blank_response, write_blank_ods, write_blank_xlsx
from personnel_portal.documents.sheets.columns import Column, Value
from personnel_portal.documents.sheets.delimited import UnencodableError, write_csv
from personnel_portal.documents.sheets.download import FORMATS, response
from personnel_portal.documents.sheets.headings import Line, MissingColumnsError, field_of, labelled, table
from personnel_portal.documents.sheets.reader import Cell, read, read_all
from personnel_portal.documents.sheets.spreadsheet import write_ods, write_xlsx

__all__ = [
    "FORMATS",
    "Blank",
    "Cell",
    "Column",
    "Entry",
    "Line",
    "MissingColumnsError",
    "UnencodableError",
    "UnreadableFileError",
    "Value",
    "blank_response",
    "field_of",
    "labelled",
    "read",
    "read_all",
    "response",
    "table",
    "write_blank_ods",
    "write_blank_xlsx",
    "write_csv",
    "write_ods",
    "write_xlsx",
]
