# A container image that makes reports from raw logs: docker load < result, then
# docker run --rm --volume "$PWD:/work" vnicbench-report:VERSION raw/CAMPAIGN
{ pkgs, rust }:
pkgs.dockerTools.buildLayeredImage {
  name = "vnicbench-report";
  tag = rust.version;
  contents = [ rust.cli ];
  config = {
    Entrypoint = [
      "/bin/vnicbench"
      "report"
    ];
    WorkingDir = "/work";
  };
}
