"""What an error of the mail server means for a mail: for ever or for now, and is the connection still good."""

import re
import smtplib
from dataclasses import dataclass

# 552 speaks of this mail's size. Other permanent refusals of the sender speak of our own set-up, which an
# administrator can mend while the mail waits.
_TOO_BIG = 552
_CLOSING = 421


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a mail did not go out.

    `permanent`: trying again is useless. `line_lost`: the connection cannot be used for the next mail.
    """

    words: str
    permanent: bool
    line_lost: bool


def fault_of(error: Exception) -> Fault | None:
    """Return what an error while sending means; None when it is no error of mail or network."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            code, answer = next(iter(refused.values()))
            return _answered(code, answer, permanent=code >= 500)
        case smtplib.SMTPSenderRefused(smtp_code=code, smtp_error=answer):
            return _answered(code, answer, permanent=code == _TOO_BIG)
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=answer):
            return _answered(code, answer, permanent=code >= 500)
        case smtplib.SMTPNotSupportedError():
            return Fault(f"郵件伺服器不支援這封信的寫法：{error}", permanent=True, line_lost=False)
        case OSError():  # smtplib.SMTPServerDisconnected and timeouts among them
            return Fault(f"與郵件伺服器的連線中斷：{error}", permanent=False, line_lost=True)
        case ValueError():  # Django's BadHeaderError and invalid addresses among them
            return Fault(f"信件的標頭或地址無法寄送：{error}", permanent=True, line_lost=False)
        case _:
            return None


def _answered(code: int, answer: bytes | str, *, permanent: bool) -> Fault:
    """Return the fault with the server's own words, on one line."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    words = re.sub(r"[\x00-\x1f\x7f]+", " ", f"{code} {text}")[:500]
    return Fault(words, permanent=permanent, line_lost=code == _CLOSING)
