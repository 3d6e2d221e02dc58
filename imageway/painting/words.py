"""The vocabulary: every word that is understood, in English, Chinese and pictograms, as tables."""

from __future__ import annotations

# Each line: what is meant, then the words for it. English plurals are made, not listed.

COLOURS = {
    "red": "red|crimson|scarlet|ruby|红|红色|大红|赤色",
    "orange": "orange|橙|橙色|橘色|橘红|橘黄",
    "yellow": "yellow|黄|黄色",
    "green": "green|emerald|绿|绿色|翠绿",
    "blue": "blue|azure|蓝|蓝色|湛蓝|蔚蓝",
    "purple": "purple|violet|紫|紫色",
    "pink": "pink|粉|粉色|粉红|粉红色",
    "brown": "brown|chocolate|棕|棕色|褐色|咖啡色",
    "black": "black|黑|黑色",
    "white": "white|白|白色|雪白",
    "grey": "grey|gray|灰|灰色",
    "cyan": "cyan|青|青色",
    "teal": "teal|蓝绿色",
    "turquoise": "turquoise|aqua|青绿色",
    "gold": "gold|golden|金|金色|金黄",
    "silver": "silver|银|银色",
    "beige": "beige|cream|米色|米黄",
    "navy": "navy|navy blue|藏青|藏蓝|海军蓝",
    "magenta": "magenta|fuchsia|品红|洋红|玫红",
    "maroon": "maroon|burgundy|酒红|酒红色|暗红色",
    "lime": "lime|草绿|草绿色|黄绿色",
    "indigo": "indigo|靛|靛蓝|靛色",
    "coral": "coral|salmon|珊瑚色",
    "olive": "olive|橄榄色|橄榄绿",
    "lavender": "lavender|lilac|淡紫色|薰衣草色",
    "mint": "mint|薄荷色|薄荷绿",
    "peach": "peach|桃色|桃红",
}

SHADES = {"dark": "dark|deep|深|暗", "light": "light|pale|pastel|浅|淡"}

THINGS = {
    "circle": "circle|disc|disk|dot|ball|sphere|圆|圆形|圆圈|圆球|球|🔴|🔵|🟢|🟡",
    "oval": "oval|ellipse|egg|椭圆|椭圆形|蛋",
    "square": "square|cube|block|方块|方形|正方形|方框|🟥|🟦|🟩",
    "rectangle": "rectangle|长方形|矩形",
    "triangle": "triangle|三角|三角形|🔺",
    "diamond": "diamond|rhombus|菱形|钻石|💎",
    "pentagon": "pentagon|五边形",
    "hexagon": "hexagon|六边形",
    "octagon": "octagon|八边形",
    "star": "star|星|星星|五角星|星形|⭐|🌟",
    "heart": "heart|心|爱心|心形|红心|❤|💖|💙|💚",
    "cross": "cross|plus sign|十字|十字形",
    "ring": "ring|hoop|圆环|环|戒指",
    "crescent": "crescent|crescent moon|月牙|弯月|🌙",
    "arrow": "arrow|箭头",
    "spiral": "spiral|swirl|螺旋",
    "fox": "fox|狐狸|小狐狸|🦊",
    "wolf": "wolf|husky|狼|🐺",
    "cat": "cat|kitten|kitty|猫|小猫|猫咪|喵|🐱|🐈",
    "tiger": "tiger|老虎|虎|🐯|🐅",
    "lion": "lion|狮子|🦁",
    "dog": "dog|puppy|corgi|狗|小狗|狗狗|犬|🐶|🐕",
    "bear": "bear|teddy|teddy bear|熊|小熊|🐻",
    "panda": "panda|熊猫|大熊猫|🐼",
    "koala": "koala|考拉|🐨",
    "rabbit": "rabbit|bunny|hare|兔|兔子|小兔|小兔子|🐰|🐇",
    "mouse": "mouse|hamster|rat|老鼠|小老鼠|仓鼠|🐭|🐹",
    "pig": "pig|piglet|猪|小猪|🐷",
    "monkey": "monkey|猴|猴子|🐵|🐒",
    "cow": "cow|bull|calf|牛|奶牛|小牛|🐮|🐄",
    "sheep": "sheep|lamb|goat|羊|绵羊|小羊|🐑",
    "elephant": "elephant|大象|小象|象|🐘",
    "deer": "deer|reindeer|moose|鹿|小鹿|🦌",
    "frog": "frog|toad|青蛙|蛙|🐸",
    "owl": "owl|猫头鹰|🦉",
    "dragon": "dragon|dinosaur|龙|恐龙|🐉|🐲",
    "unicorn": "unicorn|horse|pony|独角兽|马|小马|🦄",
    "bird": "bird|sparrow|parrot|swallow|pigeon|鸟|小鸟|麻雀|鹦鹉|燕子|鸽子|🐦",
    "duck": "duck|duckling|chick|goose|swan|鸭|鸭子|小鸭|小鸭子|小鸡|天鹅|鹅|🦆|🐥|🐤",
    "penguin": "penguin|企鹅|🐧",
    "fish": "fish|goldfish|clownfish|鱼|小鱼|金鱼|🐟|🐠",
    "whale": "whale|dolphin|shark|鲸|鲸鱼|海豚|鲨鱼|🐳|🐋|🐬",
    "turtle": "turtle|tortoise|乌龟|海龟|龟|🐢",
    "butterfly": "butterfly|moth|蝴蝶|🦋",
    "bee": "bee|bumblebee|蜜蜂|🐝",
    "sun": "sun|太阳|红日|☀|🌞",
    "moon": "moon|full moon|月|月亮|明月|圆月|🌕|🌝",
    "cloud": "cloud|云|云朵|云彩|☁",
    "rainbow": "rainbow|彩虹|🌈",
    "tree": "tree|oak|树|大树|树木|小树|🌳",
    "pine": "pine|pine tree|fir|christmas tree|松树|圣诞树|🌲|🎄",
    "palm": "palm|palm tree|coconut tree|棕榈|棕榈树|椰子树|椰树|🌴",
    "flower": "flower|rose|tulip|daisy|sunflower|花|鲜花|花朵|玫瑰|向日葵|🌸|🌷|🌹|🌻|🌼",
    "mushroom": "mushroom|toadstool|蘑菇|🍄",
    "cactus": "cactus|仙人掌|🌵",
    "apple": "apple|cherry|苹果|樱桃|🍎|🍏",
    "snowman": "snowman|雪人|⛄|☃",
    "house": "house|home|cottage|cabin|hut|房子|房屋|小屋|屋子|木屋|🏠|🏡",
    "castle": "castle|palace|fortress|城堡|宫殿|🏰",
    "boat": "boat|sailboat|ship|yacht|sailing boat|船|小船|帆船|⛵|🚢",
    "car": "car|automobile|taxi|truck|bus|汽车|小汽车|轿车|车|🚗|🚙",
    "rocket": "rocket|spaceship|spacecraft|火箭|飞船|宇宙飞船|🚀",
    "balloon": "balloon|气球|🎈",
    "airship": "hot air balloon|hot-air balloon|airship|热气球",
    "robot": "robot|android|机器人|🤖",
    "person": "person|girl|boy|man|woman|child|kid|people|lady|人|女孩|男孩|小女孩|小男孩|孩子|👧",
    "cup": "cup|mug|coffee|tea|teacup|cup of coffee|cup of tea|杯子|茶杯|咖啡|茶|☕|🍵",
    "cake": "cake|birthday cake|cupcake|蛋糕|生日蛋糕|🎂|🍰|🧁",
    "gift": "gift|present|礼物|礼盒|🎁",
    "umbrella": "umbrella|parasol|伞|雨伞|☂|☔",
}  # fmt: skip

SKIES = {
    "day": "sky|day|daytime|morning|heaven|天|天空|白天|天上|蓝天",
    "night": "night|nighttime|midnight|starry|night sky|夜|夜晚|晚上|夜里|夜空|黑夜|星空|夜景|🌃",
    "sunset": "sunset|dusk|evening|twilight|日落|夕阳|黄昏|傍晚|晚霞|🌇",
    "dawn": "dawn|sunrise|日出|黎明|清晨|朝霞|🌅",
    "rain": "rain|rainy|storm|stormy|雨|下雨|雨天|暴风雨|🌧",
    "winter": "winter|snowing|snowy|snowfall|blizzard|冬天|下雪|❄",
    "space": "space|outer space|galaxy|universe|cosmos|太空|宇宙|银河|🌌",
}

GROUNDS = {
    "sea": "sea|ocean|lake|river|water|pond|大海|海|海洋|海面|海上|海面上|湖|湖水|湖面|河|水|🌊",
    "underwater": "underwater|coral reef|reef|aquarium|海底|水下|水底|水族馆",
    "beach": "beach|shore|coast|海滩|沙滩|海边|🏖",
    "meadow": "meadow|grass|field|garden|park|hill|lawn|草地|草原|花园|公园|田野|山坡|草坪",
    "desert": "desert|dune|sahara|沙漠|沙丘|🏜",
    "snow": "snow|ice|arctic|雪|雪地|冰|北极",
    "city": "city|town|skyline|street|skyscraper|building|village|城市|城|街|街道|都市|高楼|楼|🏙",
    "forest": "forest|wood|woods|jungle|森林|树林|丛林|林子",
    "mountains": "mountain|mountains|alps|peak|volcano|山|大山|高山|雪山|群山|⛰|🏔|🗻",
}

SIZES = {
    "1.75": "huge|enormous|giant|gigantic|massive|巨大|超大|巨型|特大",
    "1.35": "big|large|大|大大的",
    "0.6": "small|little|小|小小的",
    "0.38": "tiny|miniature|微小|迷你|很小",
}

COUNTS = {
    "1": "a|an|one|single|一|一个",
    "2": "two|pair|couple|a pair of|a couple of|二|两|俩|一对|一双",
    "3": "three|a few|some|三|几|几个|一些",
    "4": "four|四",
    "5": "five|several|五",
    "6": "six|half a dozen|六",
    "7": "seven|many|lots of|a lot of|plenty of|a group of|七|许多|很多|好多|一群",
    "8": "eight|八",
    "9": "nine|九",
    "10": "ten|十",
    "11": "eleven|十一",
    "12": "twelve|dozen|a dozen|十二|一打",
}
MEASURES = "个杯只条朵颗棵匹头座栋幢艘辆块片张枚位幅架把轮座间枝根粒"

PLACES = {
    "left": "left|left side|左边|左侧|左面|左方|左",
    "right": "right|right side|右边|右侧|右面|右方|右",
    "top": "top|upper|上面|上方|上边|顶部|上部",
    "bottom": "bottom|lower|下面|下方|下边|底部|下部",
    "centre": "centre|center|middle|中间|中央|中心|正中",
    "top left": "左上|左上角|左上方",
    "top right": "右上|右上角|右上方",
    "bottom left": "左下|左下角|左下方",
    "bottom right": "右下|右下角|右下方",
}

RELATIONS = {
    "left": "left of|to the left of|on the left of|on the left side of",
    "right": "right of|to the right of|on the right of|on the right side of",
    "top": "above|over|on top of|atop",
    "bottom": "below|under|beneath|underneath",
}

EDITS = {
    "mirror": "mirror|mirrored|flip|flipped|reverse|镜像|翻转|左右翻转|水平翻转",
    "upside": "upside down|flip vertically|上下翻转|垂直翻转|倒过来",
    "black and white": "black and white|black & white|black-and-white|黑白",
    "grey": "greyscale|grayscale|monochrome|灰度|灰阶",
    "sepia": "sepia|vintage|old photo|复古|怀旧|老照片",
    "negative": "invert|inverted|negative|反色|反相",
    "blur": "blur|blurred|blurry|模糊",
    "rotate": "rotate|rotated|旋转",
}

BREAKS = "and|with|plus|while|but|also|then|&|+|,|.|;|:|、|。|!|?|(|)|/|\n|和|与|跟|还有|以及|旁边"
AT = "在|位于"
HAVE = "有|是|的|画着|挂着|飘着|停着|站着|坐着"
NOT = "no|without|not|没有|不要|无|别|不画"
FILLERS = (
    "the|of|in|on|at|to|from|by|for|into|is|are|be|it|its|this|that|very|really|picture|photo|image"
    "|drawing|painting|illustration|draw|paint|make|create|generate|show|turn|change|add|put|please"
    "|me|side|corner|hand|background|there|style|beautiful|cute|nice|lovely|colored|coloured|color"
    "|colour|next|near|front|behind|beside|between|full|sitting|standing|flying|swimming|sailing"
    "|shining|smiling|happy|round|了|着|请|画|幅|里|上|下|中|色|把|变|成|图|一张|一幅|一只|可爱|美丽|漂亮|给我|帮我"
    "|背景|角|边|处|飞|游|坐|站|这|那|它|很|非常|\ufe0f"
)

IRREGULAR_PLURALS = {
    "mouse": "mice",
    "goose": "geese",
    "wolf": "wolves",
    "calf": "calves",
    "man": "men",
    "woman": "women",
    "child": "children",
    "cactus": "cacti",
    "person": "persons",
}
SAME_IN_PLURAL = frozenset(
    {"sheep", "fish", "deer", "people", "goldfish", "coffee", "tea", "water"}
)
TRADITIONAL = str.maketrans(
    "紅黃綠藍圓個隻條顆棟艘輛塊張間雙對兩幾許邊側魚鳥龍馬貓獅豬鴨雞鵝鯨龜樹鄉車飛機氣禮傘陽雲虹花園長橢鏡轉灰彩海灘漠麗漂亮畫請與還無沒貝紫銀頭顏變",
    "红黄绿蓝圆个只条颗栋艘辆块张间双对两几许边侧鱼鸟龙马猫狮猪鸭鸡鹅鲸龟树乡车飞机气礼伞阳云虹花园长椭镜转灰彩海滩漠丽漂亮画请与还无没贝紫银头颜变",
)
