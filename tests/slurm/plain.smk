# Small jobs without CineForge: what Snakemake and its Slurm plugin do by themselves.
# One of them fails the first time it is tried.


rule all:
    input:
        expand("made/{number}.txt", number=range(20)),


rule small:
    output:
        "made/{number}.txt",
    shell:
        """
        tell() {{ echo "{wildcards.number} $SLURMD_NODENAME $SLURM_JOB_ID $(date +%s.%N) $1" >> "$CALLS"; }}
        tell began
        sleep 1
        if [ {wildcards.number} = 7 ] && [ ! -e failed_once ]; then touch failed_once; tell failed; exit 1; fi
        echo "$SLURMD_NODENAME" > {output}
        tell done
        """
