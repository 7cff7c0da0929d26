"""The lines of the commands of scenes, in both languages."""

from services.runtime.words import Words

SCENE: Words = {
    "unknown": {
        "zh": "没有场景 {scene}；现有 {names}",
        "en": "there is no scene {scene}; there are {names}",
    },
    "begins": {
        "zh": "场景 {scene} 在命名空间 {namespace} 开始",
        "en": "scene {scene} begins in namespace {namespace}",
    },
    "nobody": {
        "zh": "命名空间 {namespace} 没有运行模拟器 -> miyun simulate run，或 make up",
        "en": "no simulator runs in namespace {namespace} -> miyun simulate run, or make up",
    },
    "ended": {
        "zh": "模拟器在接收场景前已结束",
        "en": "the simulator ended before it took the scene",
    },
    "not_taken": {
        "zh": "模拟器在 {within_s:.0f} 秒内没有接收场景 -> 检查它的消息系统：miyun status",
        "en": "the simulator did not take the scene within {within_s:.0f} s -> is its broker there? miyun"
        " status",
    },
}
