{ pkgs, rust, parts }: pkgs.runCommand "vnicbench-bundle" { } "mkdir $out"
