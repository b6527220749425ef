# The same work by plain Snakemake: plain files, no versions, nothing on record, nothing brought to the disk.
import json


def analyses(wildcards):
    scenes = checkpoints.breakdown.get().output[0]
    count = len(glob_wildcards(scenes + "/scene_{n}.json").n)
    return [f"analysis/scene_{n}.json" for n in range(1, count + 1)]


def scene(wildcards):
    return f"{checkpoints.breakdown.get().output[0]}/{wildcards.scene}.json"


rule all:
    input:
        "board.json",


rule script:
    input:
        "story.txt",
    output:
        "script.json",
    run:
        with open(input[0], encoding="utf-8") as file:
            text = file.read()
        with open(output[0], "w", encoding="utf-8") as file:
            json.dump({"text": text}, file)


checkpoint breakdown:
    input:
        "script.json",
    output:
        directory("scene"),
    run:
        with open(input[0], encoding="utf-8") as file:
            text = json.load(file)["text"]
        os.makedirs(output[0], exist_ok=True)
        for number, scene in enumerate(text.strip().split("\n\n"), start=1):
            heading, *lines = scene.split("\n")
            with open(f"{output[0]}/scene_{number}.json", "w", encoding="utf-8") as file:
                json.dump({"heading": heading, "lines": lines}, file)


rule analysis:
    input:
        scene,
    output:
        "analysis/{scene}.json",
    run:
        with open(input[0], encoding="utf-8") as file:
            scene = json.load(file)
        words = [word for line in scene["lines"] for word in line.split()]
        made = {"heading": scene["heading"], "words": len(words), "longest": max(words, key=len)}
        with open(output[0], "w", encoding="utf-8") as file:
            json.dump(made, file)


rule board:
    input:
        analyses,
    output:
        "board.json",
    run:
        rows = []
        for path in input:
            with open(path, encoding="utf-8") as file:
                rows.append(json.load(file))
        with open(output[0], "w", encoding="utf-8") as file:
            json.dump({"scenes": rows, "words": sum(row["words"] for row in rows)}, file)
