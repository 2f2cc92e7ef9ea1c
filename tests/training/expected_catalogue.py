"""Colleges, courses, forms, dates and rules of a yearly training and study plan, typed from the page.

Names that the page breaks over two lines are joined; the 「」 around a name are left out, those within one kept. Each
blank within a name is as in the text of the page. Marks are with their punctuation.

嘉義縣政府暨所屬機關學校103年度訓練進修實施計畫
"""

# The title is printed on two lines, 嘉義縣政府暨所屬機關學校 and 103 年度訓練進修實施計畫. The blanks around the digits
# of running text are uneven (103 年 1月 3日, 不足1人, 8小時): they come from the text extraction and are left out here
# and in APPROVAL, but kept in the names below.
TITLE = "嘉義縣政府暨所屬機關學校103年度訓練進修實施計畫"

APPROVAL = ("103-01-03", "府人考字1030002824號")
"""(ROC date, number) of the letter below the title (函頒定); the number is printed without 第."""

YEAR = 103

PERIOD = ("103-01-01", "103-12-31")
"""ROC dates of 肆、實施期間, both ends included."""

# 陸 prints 一、二、三、四、六、六、七、: no 五、, and two 六、 (預期效益 and 計畫執行).

TRAINING_FORMS = (
    ("(一)", "自辦訓練"),
    ("(二)", "合辦訓練"),
    ("(三)", "薦送參訓"),
)
"""(mark, name) of 陸、二、課程實施方式; the third is 參訓, not 訓練."""

RECOMMENDED_CLASSES = (
    "政務研究班",
    "領導研究班",
    "初任薦任官等主管人員研究班",
)
"""Examples (如…等) of 陸、二、(三)薦送參訓, in printed order."""

LEARNING_FORMS = (
    ("(一)", "實體學習"),
    ("(二)", "數位學習"),
    ("(三)", "混成學習"),
)
"""(mark, name) of 陸、三、學習方式."""

# Printed 臺北 e大 and 文官 e學苑, with a blank before the e; other texts write 臺北e大 and 文官e學苑.
# Nothing can be told of a blank before the e of the first two: one follows a colon, the other begins a line.
LEARNING_SYSTEMS = (
    "e學中心",
    "e等公務園",
    "臺北 e大",
    "文官 e學苑",
)
"""Examples (如：…等) of 陸、三、(二)數位學習; (三)混成學習, which asks for reading before class, names no system."""

COLLEGES = (
    ("(一)", "政策學院"),
    ("(二)", "管理學院"),
    ("(三)", "創意學院"),
    ("(四)", "法律學院"),
    ("(五)", "專業學院"),
    ("(六)", "人力發展學院"),
)
"""(mark, name) of 陸、四、訓練學院及課程名稱."""

PROGRAMMES = (
    ("1.", "會計業務與採購學程"),
    ("2.", "公文與品質學程"),
    ("3.", "法紀與廉政風氣學程"),
)
"""(mark, name) of the 學程 of 專業學院; its 4. is a rule about who plans its courses, not a 學程."""

# The ! of 哈囉!, the brackets of 兼任(辦) and every - are half-width in the text; a - may stand for a printed dash.
# The blanks around DNA and before CEDAW and 說 may come from the extraction. 初認 is as printed.
# The 「」 of 廉政心，關懷情 close before 法紀教育訓練, so they are part of the four names.
COURSES = (
    ("政策學院", "", "1.", "性別主流化研習"),
    ("政策學院", "", "2.", "天然災害通報作業研習"),
    ("政策學院", "", "3.", "人與環境的關係研習"),
    ("政策學院", "", "4.", "教育，從家庭開始研習"),
    ("政策學院", "", "5.", "生命體悟與珍惜研習"),
    ("政策學院", "", "6.", "全民國防教育研習"),
    ("政策學院", "", "7.", "哈囉!新移民研習"),
    ("管理學院", "", "1.", "領導統御與團隊建立研習"),
    ("管理學院", "", "2.", "溝通藝術與談判協商研習"),
    ("管理學院", "", "3.", "危機處理及實務演練研習"),
    ("管理學院", "", "4.", "顧客導向與同理心研習"),
    ("創意學院", "", "1.", "企業參訪"),
    ("創意學院", "", "2.", "縣政發展專題演講"),
    ("創意學院", "", "3.", "激發創意 DNA 研習"),
    ("創意學院", "", "4.", "第一次做數位教材就上手研習"),
    ("創意學院", "", "5.", "Super Easy 說英語研習"),
    ("創意學院", "", "6.", "國際情勢與兩岸交流研習"),
    ("法律學院", "", "1.", "婦女權益守護者-認識 CEDAW 研習"),
    ("法律學院", "", "2.", "廉政倫理與個資安全研習"),
    ("法律學院", "", "3.", "國際人權公約初認研習"),
    ("法律學院", "", "4.", "加倍奉還-認識消費者保護法研習"),
    ("法律學院", "", "5.", "專業法規訓練"),
    ("專業學院", "會計業務與採購學程", "(1)", "主計人員會計業務研討會"),
    ("專業學院", "會計業務與採購學程", "(2)", "主計核心業務研習"),
    ("專業學院", "會計業務與採購學程", "(3)", "政府採購實務與案例研析"),
    ("專業學院", "會計業務與採購學程", "(4)", "兼任(辦)會計人員會計業務研習"),
    ("專業學院", "公文與品質學程", "(1)", "公文管理系統新進同仁教育訓練"),
    ("專業學院", "公文與品質學程", "(2)", "公文流程管理講習會"),
    ("專業學院", "公文與品質學程", "(3)", "提升本府工程品質管理講習會"),
    ("專業學院", "公文與品質學程", "(4)", "土地登記人員法令研習會"),
    ("專業學院", "法紀與廉政風氣學程", "(1)", "「廉政心，關懷情」法紀教育訓練-初級認識篇"),
    ("專業學院", "法紀與廉政風氣學程", "(2)", "「廉政心，關懷情」法紀教育訓練-發展進階篇"),
    ("專業學院", "法紀與廉政風氣學程", "(3)", "「廉政心，關懷情」法紀教育訓練-深化概念篇"),
    ("專業學院", "法紀與廉政風氣學程", "(4)", "「廉政心，關懷情」法紀教育訓練-理念迴響篇"),
)
"""(college, programme or "", mark, name) of the 34 named courses, in printed order."""

EXAMPLES = (
    "創新講座",
    "縣政發展訓練",
    "學習系列學程",
)
"""Examples (如…等課程) of 人力發展學院, which are not numbered; 縣政發展訓練 is broken over two lines."""

ABSENCE = (1, 3)
"""Share of a course missed at which no hours are granted: 缺課三分之一以上, so the third itself counts (陸、七)."""

STUDY_QUOTA = (1, 10)
"""Share of 編制內預算員額 that the year's 全時進修 and 部分辦公時間進修 may not exceed (柒、三)."""

STUDY_QUOTA_AT_LEAST = 1
"""Persons: 人數不足1人時，以1人計 (柒、三); how a share above 1 is rounded is not printed."""

STUDY_LEAVE_HOURS = 8
"""Hours of 公假 per person per week at most, for 部分辦公時間進修 (柒、四)."""

TIMETABLE_WEEKS = 3
"""Weeks after each semester's start within which the timetable goes to the personnel unit (柒、四)."""

APPLY_BY = (6, 30)
"""(month, day) 前 which the employee applies, every year (柒、五、(一))."""

ROSTER_BY = (9, 30)
"""(month, day) 前 which each agency returns the year's 進修人員名冊, every year (柒、五、(二))."""
