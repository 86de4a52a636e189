# ruff: noqa: RUF001 (letters of other scripts look like Latin ones)
"""Readings in many scripts, and what is read back from a file."""

import datetime
import struct
import unicodedata
from collections.abc import Iterator
from typing import Any

import pypdfium2

from lab.services.documents import Reading

# By language: a question and an answer. Marks above and below letters are in the Indic and Thai ones.
SCRIPTS = {
    "en": ("Will the work come to a good end?", "There is a door in you that opens only inward — “keep your lamp”."),
    "el": ("Θα τελειώσει καλά το έργο;", "Υπάρχει μέσα σου μια πόρτα που ανοίγει μόνο προς τα μέσα."),
    "ru": ("Закончится ли начатое добром?", "В тебе есть дверь, которая открывается только внутрь."),
    "he": ("האם יבוא לסוף טוב?", "יש בך דלת שנפתחת רק פנימה, ואתה דוחף אותה שנה."),
    "ar": ("هل سيصل العمل إلى نهاية حسنة؟", "في داخلك باب لا يُفتح إلا إلى الداخل، وأنت تدفعه منذ عام."),
    "hi": ("क्या यह काम अच्छा होगा?", "आपके भीतर एक द्वार है जो केवल भीतर की ओर खुलता है। क्षत्रिय श्री ज्ञान।"),
    "bn": ("কাজটি কি ভালো হবে?", "তোমার ভিতরে একটি দরজা আছে যা কেবল ভিতরের দিকে খোলে।"),
    "ta": ("வேலை நன்றாக முடியுமா?", "உன்னுள் ஒரு கதவு இருக்கிறது, அது உள்நோக்கி மட்டுமே திறக்கும்."),
    "te": ("పని బాగా ముగుస్తుందా?", "నీలో లోపలికి మాత్రమే తెరుచుకునే తలుపు ఉంది."),
    "th": ("งานจะจบลงด้วยดีไหม", "ในตัวคุณมีประตูบานหนึ่งที่เปิดเข้าด้านในเท่านั้น"),
    "ka": ("კარგად დასრულდება?", "შენში არის კარი, რომელიც მხოლოდ შიგნით იღება."),
    "hy": ("Լա՞վ կավարտվի գործը", "Քո մեջ մի դուռ կա, որ բացվում է միայն դեպի ներս։"),
    "am": ("ሥራው በመልካም ይጠናቀቃል?", "በውስጥህ ወደ ውስጥ ብቻ የሚከፈት በር አለ።"),
    "zh": ("我在春天开始的事会有好结果吗？", "你心里有一扇只向内开的门。“守住你的灯。”"),
    "zh-TW": ("我在春天開始的事會有好結果嗎？", "你心裡有一扇只向內開的門。「守住你的燈。」"),
    "ja": ("春に始めた仕事は実を結びますか。", "あなたの中には、内側にしか開かない扉があります。"),
    "ko": ("봄에 시작한 일이 잘 끝날까요?", "당신 안에는 안쪽으로만 열리는 문이 있습니다."),
    "ur": ("کیا یہ کام اچھا ہو گا؟", "آپ کے اندر ایک دروازہ ہے جو صرف اندر کی طرف کھلتا ہے۔"),
    "gu": ("શું આ કામ સારું થશે?", "તમારી અંદર એક દરવાજો છે જે માત્ર અંદરની તરફ ખૂલે છે."),
    "pa": ("ਕੀ ਇਹ ਕੰਮ ਚੰਗਾ ਹੋਵੇਗਾ?", "ਤੁਹਾਡੇ ਅੰਦਰ ਇੱਕ ਦਰਵਾਜ਼ਾ ਹੈ ਜੋ ਸਿਰਫ਼ ਅੰਦਰ ਵੱਲ ਖੁੱਲ੍ਹਦਾ ਹੈ।"),
    "kn": ("ಈ ಕೆಲಸ ಚೆನ್ನಾಗಿ ಆಗುತ್ತದೆಯೇ?", "ನಿನ್ನೊಳಗೆ ಒಳಮುಖವಾಗಿ ಮಾತ್ರ ತೆರೆಯುವ ಬಾಗಿಲು ಇದೆ."),
    "ml": ("ഈ ജോലി നന്നാകുമോ?", "നിന്റെ ഉള്ളിൽ അകത്തേക്ക് മാത്രം തുറക്കുന്ന ഒരു വാതിൽ ഉണ്ട്."),
    "or": ("ଏହି କାମ ଭଲ ହେବ କି?", "ତୁମ ଭିତରେ ଏକ ଦ୍ୱାର ଅଛି ଯାହା କେବଳ ଭିତରକୁ ଖୋଲେ।"),
    "si": ("මේ වැඩේ හොඳ වෙයිද?", "ඔබ තුළ ඇතුළට පමණක් විවෘත වන දොරක් ඇත."),
    "my": ("အလုပ် ကောင်းမလား", "သင့်အတွင်း၌ အတွင်းသို့သာ ဖွင့်သော တံခါးတစ်ချပ် ရှိသည်။"),
    "vi": ("Công việc có kết thúc tốt đẹp không?", "Trong bạn có một cánh cửa chỉ mở vào trong."),
}

# Readings that are drawn right, and whose text a PDF cannot give back whole: the engine writes the text of a cluster
# once for each of its parts that stand at different heights, and leaves out what joins or parts letters unseen.
NOT_READ_BACK = {
    "he": ("מָה יִהְיֶה?", "וַיֹּאמֶר אֱלֹהִים יְהִי אוֹר וַיְהִי־אוֹר׃"),
    "km": ("តើវានឹងល្អទេ?", "នៅក្នុងអ្នកមានទ្វារមួយដែលបើកទៅខាងក្នុងតែប៉ុណ្ណោះ។"),
    "lo": ("ຈະດີບໍ?", "ໃນຕົວເຈົ້າມີປະຕູບານໜຶ່ງທີ່ເປີດເຂົ້າດ້ານໃນເທົ່ານັ້ນ"),
    "fa": ("آیا خوب می\u200cشود؟", "در تو دری هست که تنها به درون باز می\u200cشود و نمی\u200cتوانی آن را ببندی."),
}

DAY = datetime.date(2026, 11, 30)


def make_reading(question: str = "Why?", answer: str = "Because.", **fields: Any) -> Reading:
    """Make a reading in English of a fixed day, unless fields say otherwise."""
    given: dict[str, Any] = {"language": "en", "made_on": DAY, "reference": "7F3A-91C2"} | fields
    return Reading(question=question, answer=answer, **given)


def squeeze(text: str) -> str:
    """Return a text without white space, in the composed form."""
    return "".join(unicodedata.normalize("NFC", text).split())


def read_text(pdf: bytes) -> str:
    """Return the text of all pages, squeezed."""
    pages = pypdfium2.PdfDocument(pdf)
    return "".join(squeeze(page.get_textpage().get_text_range()) for page in pages)


def read_boxes(pdf: bytes, page: int = 0) -> list[tuple[str, float, float]]:
    """Return each character of a page with its left and right edge in points, in the order of reading."""
    text = pypdfium2.PdfDocument(pdf)[page].get_textpage()
    boxes = ((text.get_text_range(place, 1), text.get_charbox(place)) for place in range(text.count_chars()))
    return [(character, box[0], box[2]) for character, box in boxes if character.strip()]


def read_chunks(png: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the kind and the content of each chunk of a PNG file."""
    place = 8
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        yield png[place + 4 : place + 8].decode(), png[place + 8 : place + 8 + length]
        place += 12 + length
